"""Changing a policy: the row and the version that says what it says from now on, who changed it and why, or neither."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tools.policy.models import Policy, PolicyVersion

SAID = (
    *("effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who makes it, by id and name, and why."""

    actor_id: UUID
    actor: str
    why: str


def save(policy: Policy, change: Change) -> PolicyVersion:
    """Store a policy, new or changed, as its next version."""
    with transaction.atomic():
        if policy._state.adding:
            policy.version = 1
        else:
            # Locked, so that two changes at once are two versions.
            policy.version = Policy.objects.select_for_update().get(pk=policy.pk).version + 1
        policy.save()
        return PolicyVersion.objects.create(
            policy=policy,
            version=policy.version,
            said=said(policy),
            actor_id=change.actor_id,
            changed_by=change.actor,
            why=change.why,
            at=datetime.now(UTC),
        )


def switch_off(policy: Policy, change: Change) -> None:
    """What deleting one does: it applies no more, and what it said stays to be read."""
    with transaction.atomic():
        row = Policy.objects.select_for_update().get(pk=policy.pk)
        if not row.enabled:
            return
        row.enabled = False
        save(row, change)


def said(policy: Policy) -> dict[str, Any]:
    """As JSON data."""
    values = {name: getattr(policy, name) for name in SAID}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
