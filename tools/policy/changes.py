"""Changes of policies, each with a version that records its content, its author and the reason; and the removal of
erased users from the texts that operators wrote."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.models import User
from tools.policy.models import Policy, PolicyVersion

VERSIONED_FIELDS = (
    *("effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """Who makes it, by id and name, and why."""

    actor_id: UUID
    actor: str
    why: str


def save_policy(policy: Policy, change: PolicyChange) -> PolicyVersion:
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
            said=to_version_content(policy),
            actor_id=change.actor_id,
            changed_by=change.actor,
            why=change.why,
            at=datetime.now(UTC),
        )


def disable_policy(policy: Policy, change: PolicyChange) -> None:
    """What deleting one does: it applies no more, and what it said stays to be read."""
    with transaction.atomic():
        row = Policy.objects.select_for_update().get(pk=policy.pk)
        if not row.enabled:
            return
        row.enabled = False
        save_policy(row, change)


def to_version_content(policy: Policy) -> dict[str, Any]:
    """As JSON data."""
    values = {name: getattr(policy, name) for name in VERSIONED_FIELDS}
    return {name: _to_plain(value) for name, value in values.items()}


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


ERASED_NAME = "(somebody who is gone)"


def redact_mentions(instance: User, **_: Any) -> None:
    """Before a user is deleted, in that transaction."""
    marks = [str(instance.pk), instance.pk.hex, instance.username, *([instance.email] if instance.email else [])]
    # As a word, as in the admin's log: whoever is called "an" is not named by "any".
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    for policy in Policy.objects.exclude(reason="").iterator():
        if word.search(policy.reason):
            Policy.objects.filter(pk=policy.pk).update(reason=word.sub(ERASED_NAME, policy.reason)[:300])
    for row in PolicyVersion.objects.iterator():
        why, reason = word.sub(ERASED_NAME, row.why), str(row.said.get("reason", ""))
        told = row.said | {"reason": word.sub(ERASED_NAME, reason)} if reason else row.said
        if (why, told) != (row.why, row.said):
            PolicyVersion.objects.filter(pk=row.pk).update(why=why, said=told)
