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
ERASED_NAME = "(somebody who is gone)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """The author of a change, by id and name, and the reason."""

    actor_id: UUID
    actor: str
    why: str


def save_policy(policy: Policy, change: PolicyChange) -> PolicyVersion:
    """Store a policy, new or changed, as its next version."""
    with transaction.atomic():
        if policy._state.adding:
            policy.version = 1
        else:
            # Locked, so that two changes at the same time become two versions.
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
    """Switch a policy off. It no longer applies, and its versions stay readable."""
    with transaction.atomic():
        row = Policy.objects.select_for_update().get(pk=policy.pk)
        if not row.enabled:
            return
        row.enabled = False
        save_policy(row, change)


def to_version_content(policy: Policy) -> dict[str, Any]:
    """Return a policy's content as JSON data."""
    values = {name: getattr(policy, name) for name in VERSIONED_FIELDS}
    return {name: _to_plain(value) for name, value in values.items()}


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


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
