"""Change rollout rules, each change with a version that records actor and reason; redact deleted users."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.models import User
from legacy.models import AgentPath, RolloutRule, RolloutVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutChange:
    """Who makes it, by id and name, and why."""

    actor_id: UUID
    actor: str
    why: str


def save_rule(rule: RolloutRule, change: RolloutChange) -> RolloutVersion:
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
            said=to_version_content(rule),
            actor_id=change.actor_id,
            changed_by=change.actor,
            why=change.why,
            at=datetime.now(UTC),
        )


def roll_back_agent(agent: str, change: RolloutChange) -> int:
    """Everybody gets the legacy agent from the next run on: what says otherwise is switched off, not deleted.

    Returns how many rules that were.
    """
    with transaction.atomic():
        said_otherwise = RolloutRule.objects.select_for_update().filter(agent=agent, enabled=True)
        rules = list(said_otherwise.exclude(path=AgentPath.LEGACY).order_by("pk"))
        for rule in rules:
            rule.enabled = False
            save_rule(rule, change)
    return len(rules)


def to_version_content(rule: RolloutRule) -> dict[str, Any]:
    """As JSON data."""
    return {
        "agent": rule.agent,
        "path": str(rule.path),
        "percentage": rule.percentage,
        "group_id": rule.group_id,
        "user_id": str(rule.user_id) if rule.user_id else None,
        "enabled": rule.enabled,
    }


ERASED_NAME = "(somebody who is gone)"


def redact_mentions(instance: User, **_: Any) -> None:
    """Before a user is deleted, in that transaction."""
    marks = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # As a word: whoever is called "an" is not named by "any".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    for pk, why in RolloutVersion.objects.values_list("pk", "why").iterator():
        without = word.sub(ERASED_NAME, why)
        if without != why:
            RolloutVersion.objects.filter(pk=pk).update(why=without)
