"""What policies and their versions say of somebody who is deleted, in the words that operators wrote.

Rules to a user go with the user. Others may name them in passing ("also ana from now on"): such words are replaced.
"""

import re
from typing import Any

from netra.core.models import User
from tools.policy.models import Policy, PolicyVersion

SOMEBODY = "(somebody who is gone)"


def forget_words(instance: User, **_: Any) -> None:
    """Before a user is deleted, in that transaction."""
    marks = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # As a word, as in the admin's log: whoever is called "an" is not named by "any".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    for policy in Policy.objects.exclude(reason="").iterator():
        if word.search(policy.reason):
            Policy.objects.filter(pk=policy.pk).update(reason=word.sub(SOMEBODY, policy.reason)[:300])
    for row in PolicyVersion.objects.iterator():
        why, reason = word.sub(SOMEBODY, row.why), str(row.said.get("reason", ""))
        told = row.said | {"reason": word.sub(SOMEBODY, reason)} if reason else row.said
        if (why, told) != (row.why, row.said):
            PolicyVersion.objects.filter(pk=row.pk).update(why=why, said=told)
