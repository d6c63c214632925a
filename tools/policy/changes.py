"""Changes of policies, each with a version that records its content, its author and the reason; and the removal of
erased users from the texts that operators wrote."""

from typing import Any

from django.db import transaction

from core.models import User
from core.users import ERASED_NAME, compile_mentions
from core.versions import RuleChange
from tools.policy.models import Policy, PolicyVersion


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
    word = compile_mentions(instance)
    for policy in Policy.objects.exclude(reason="").iterator():
        if word.search(policy.reason):
            Policy.objects.filter(pk=policy.pk).update(reason=word.sub(ERASED_NAME, policy.reason)[:300])
    for row in PolicyVersion.objects.iterator():
        why, reason = word.sub(ERASED_NAME, row.why), str(row.said.get("reason", ""))
        content = row.said | {"reason": word.sub(ERASED_NAME, reason)} if reason else row.said
        if (why, content) != (row.why, row.said):
            PolicyVersion.objects.filter(pk=row.pk).update(why=why, said=content)
