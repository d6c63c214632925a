"""How many bytes a user's logs may take, by their plan."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q

from tools.policy.models import Plan, Subscription

MIB = 1024**2


def stored_limit(user_id: UUID, otherwise: int) -> int:
    """By the plan that is theirs now; `otherwise` where it says nothing. Read anew each time."""
    current = Q(trial_ends=None) | Q(trial_ends__gt=datetime.now(UTC))
    subscribed = Subscription.objects.filter(current, user_id=user_id).values_list("plan__stored_mb", flat=True)
    found = list(subscribed[:1]) or list(Plan.objects.filter(is_default=True).values_list("stored_mb", flat=True)[:1])
    return otherwise if not found or found[0] is None else found[0] * MIB
