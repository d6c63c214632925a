"""Change rollout rules, each change with a version that records actor and reason; redact deleted users."""

from typing import Any

from django.db import transaction

from core.models import User
from core.users import ERASED_NAME, compile_mentions
from core.versions import RuleChange
from legacy.models import AgentPath, RolloutRule, RolloutVersion


def roll_back_agent(agent: str, change: RuleChange) -> int:
    """Disable all rules that select another form than the legacy agent, from the next run on.

    Returns the number of these rules.
    """
    with transaction.atomic():
        enabled = RolloutRule.objects.select_for_update().filter(agent=agent, enabled=True)
        rules = list(enabled.exclude(path=AgentPath.LEGACY).order_by("pk"))
        for rule in rules:
            rule.enabled = False
            rule.save_version(change)
    return len(rules)


def redact_mentions(instance: User, **_: Any) -> None:
    """Remove a user from the reasons of all versions, before they are deleted and in the same transaction."""
    word = compile_mentions(instance)
    for pk, why in RolloutVersion.objects.values_list("pk", "why").iterator():
        redacted = word.sub(ERASED_NAME, why)
        if redacted != why:
            RolloutVersion.objects.filter(pk=pk).update(why=redacted)
