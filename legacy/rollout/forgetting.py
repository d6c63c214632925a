"""What versions of the rollout's rules say of somebody who is deleted, in the words that operators wrote.

Rules to a user go with the user. The reasons for others may name them in passing: such words are replaced.
"""

import re
from typing import Any

from legacy.models import RolloutVersion
from netra.core.models import User

SOMEBODY = "(somebody who is gone)"


def forget_words(instance: User, **_: Any) -> None:
    """Before a user is deleted, in that transaction."""
    marks = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # As a word: whoever is called "an" is not named by "any".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    for pk, why in RolloutVersion.objects.values_list("pk", "why").iterator():
        without = word.sub(SOMEBODY, why)
        if without != why:
            RolloutVersion.objects.filter(pk=pk).update(why=without)
