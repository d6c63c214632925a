"""Changing the rollout: a rule and the version that says who changed it and why, or neither."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from legacy.models import AgentPath, RolloutRule, RolloutVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who makes it, by id and name, and why."""

    actor_id: UUID
    actor: str
    why: str


def save(rule: RolloutRule, change: Change) -> RolloutVersion:
    """Store a rule, new or changed, as its next version. It holds for the runs that begin from now on."""
    with transaction.atomic():
        if rule._state.adding:
            rule.version = 1
        else:
            # Locked, so that two changes at once are two versions.
            rule.version = RolloutRule.objects.select_for_update().get(pk=rule.pk).version + 1
        rule.save()
        return RolloutVersion.objects.create(
            rule=rule,
            version=rule.version,
            said=said(rule),
            actor_id=change.actor_id,
            changed_by=change.actor,
            why=change.why,
            at=datetime.now(UTC),
        )


def roll_back(agent: str, change: Change) -> int:
    """Everybody gets the legacy agent from the next run on: what says otherwise is switched off, not deleted.

    Returns how many rules that were.
    """
    with transaction.atomic():
        said_otherwise = RolloutRule.objects.select_for_update().filter(agent=agent, enabled=True)
        rules = list(said_otherwise.exclude(path=AgentPath.LEGACY).order_by("pk"))
        for rule in rules:
            rule.enabled = False
            save(rule, change)
    return len(rules)


def said(rule: RolloutRule) -> dict[str, Any]:
    """As JSON data."""
    return {
        "agent": rule.agent,
        "path": str(rule.path),
        "percentage": rule.percentage,
        "group_id": rule.group_id,
        "user_id": str(rule.user_id) if rule.user_id else None,
        "enabled": rule.enabled,
    }
