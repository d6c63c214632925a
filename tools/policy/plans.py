"""The plans that a new installation has, and the storage limit of a user's plan."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tools.base import Category
from tools.policy.models import Plan, PlanAllowance, Subscription
from tools.policy.rules import UNBOUNDED_QUOTA, Quota

MIB = 1024**2
BASIC_CATEGORIES = (Category.BASIC, Category.ANALYTICS, Category.DATA)
INITIAL_PLANS: Mapping[str, tuple[str, tuple[Category, ...], Quota, int | None]] = MappingProxyType(
    {
        "free": ("Free", BASIC_CATEGORIES, Quota(per_minute=60, at_once=4), 2_048),
        "pro": ("Pro", (*BASIC_CATEGORIES, Category.ADVANCED), Quota(per_minute=600, at_once=16), 10_240),
        "enterprise": ("Enterprise", tuple(Category), UNBOUNDED_QUOTA, None),
    }
)
"""By slug, lowest first: the name, the categories, the quota of each of their tools, and MiB for a user's logs."""

# A team's own installation has no limits that nobody set.
DEFAULT_PLAN_SLUG = "enterprise"


def create_initial_plans(**_: Any) -> None:
    """Create the initial plans if there is no plan at all. Runs after `migrate`."""
    with transaction.atomic():
        if Plan.objects.exists():
            return
        for rank, (slug, (name, categories, quota, stored_mb)) in enumerate(INITIAL_PLANS.items(), start=1):
            plan = Plan.objects.create(
                slug=slug, name=name, rank=rank * 10, is_default=slug == DEFAULT_PLAN_SLUG, stored_mb=stored_mb
            )
            PlanAllowance.objects.bulk_create(
                PlanAllowance(plan=plan, category=category.value, per_minute=quota.per_minute, at_once=quota.at_once)
                for category in categories
            )


def get_storage_limit(user_id: UUID, otherwise: int) -> int:
    """Return the bytes that a user's logs may take by their current plan, or `otherwise` if it has no limit."""
    current = Q(trial_ends=None) | Q(trial_ends__gt=datetime.now(UTC))
    subscribed = Subscription.objects.filter(current, user_id=user_id).values_list("plan__stored_mb", flat=True)
    found = list(subscribed[:1]) or list(Plan.objects.filter(is_default=True).values_list("stored_mb", flat=True)[:1])
    return otherwise if not found or found[0] is None else found[0] * MIB
