"""Change rollout rules, each change with a version that records actor and reason; redact deleted users."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.models import User
from legacy.models import AgentPath, RolloutRule, RolloutVersion

ERASED_NAME = "(somebody who is gone)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutChange:
    """The actor of a change, by id and name, and the reason."""

    actor_id: UUID
    actor: str
    why: str


def save_rule(rule: RolloutRule, change: RolloutChange) -> RolloutVersion:
    """Store a new or changed rule as its next version. It applies to runs that begin from now on."""
    with transaction.atomic():
        if rule._state.adding:
            rule.version = 1
        else:
            # Locked, so that concurrent changes become two versions.
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
    """Disable all rules that select another form than the legacy agent, from the next run on.

    Returns the number of these rules.
    """
    with transaction.atomic():
        enabled = RolloutRule.objects.select_for_update().filter(agent=agent, enabled=True)
        rules = list(enabled.exclude(path=AgentPath.LEGACY).order_by("pk"))
        for rule in rules:
            rule.enabled = False
            save_rule(rule, change)
    return len(rules)


def to_version_content(rule: RolloutRule) -> dict[str, Any]:
    """Return the content of a version as JSON data."""
    return {
        "agent": rule.agent,
        "path": str(rule.path),
        "percentage": rule.percentage,
        "group_id": rule.group_id,
        "user_id": str(rule.user_id) if rule.user_id else None,
        "enabled": rule.enabled,
    }


def redact_mentions(instance: User, **_: Any) -> None:
    """Remove a user from the reasons of all versions, before they are deleted and in the same transaction."""
    names = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # Whole words: "any" does not mention a user with the name "an".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(name)}(?![\w@+-])" for name in names), re.IGNORECASE)
    for pk, why in RolloutVersion.objects.values_list("pk", "why").iterator():
        redacted = word.sub(ERASED_NAME, why)
        if redacted != why:
            RolloutVersion.objects.filter(pk=pk).update(why=redacted)
