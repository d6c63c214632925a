"""Changes of policies, each with a version that records its content, its author and the reason; and the removal of
erased users from the texts that operators wrote."""

import re
from typing import Any

from django.db import transaction

from core.models import User
from core.versions import RuleChange
from tools.policy.models import Policy, PolicyVersion

ERASED_NAME = "(somebody who is gone)"


def disable_policy(policy: Policy, change: RuleChange) -> None:
    """Switch a policy off. It no longer applies, and its versions stay readable."""
    with transaction.atomic():
        row = Policy.objects.select_for_update().get(pk=policy.pk)
        if not row.enabled:
            return
        row.enabled = False
        row.save_version(change)


def redact_mentions(instance: User, **_: Any) -> None:
    """Remove a user's id, name and address from policies and their versions, before the user is deleted."""
    names = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # As whole words, as in the admin's log: "any" does not name a user who is called "an".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(name)}(?![\w@+-])" for name in names), re.IGNORECASE)
    for policy in Policy.objects.exclude(reason="").iterator():
        if word.search(policy.reason):
            Policy.objects.filter(pk=policy.pk).update(reason=word.sub(ERASED_NAME, policy.reason)[:300])
    for row in PolicyVersion.objects.iterator():
        why, reason = word.sub(ERASED_NAME, row.why), str(row.said.get("reason", ""))
        content = row.said | {"reason": word.sub(ERASED_NAME, reason)} if reason else row.said
        if (why, content) != (row.why, row.said):
            PolicyVersion.objects.filter(pk=row.pk).update(why=why, said=content)
