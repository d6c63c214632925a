"""The plans that an installation begins with. From then on they are its own to change."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction

from tools.base import Category
from tools.policy.decision import Quota
from tools.policy.judging import UNBOUND
from tools.policy.models import Plan, PlanAllowance

BASICS = (Category.BASIC, Category.ANALYTICS, Category.DATA)
PLANS: Mapping[str, tuple[str, tuple[Category, ...], Quota, int | None]] = MappingProxyType(
    {
        "free": ("Free", BASICS, Quota(per_minute=60, at_once=4), 2_048),
        "pro": ("Pro", (*BASICS, Category.ADVANCED), Quota(per_minute=600, at_once=16), 10_240),
        "enterprise": ("Enterprise", tuple(Category), UNBOUND, None),
    }
)
"""By slug, lowest first: the name, the categories, the bounds on each tool of them, and MiB for a user's logs."""

# Whoever installs this for people of their own meets no bound that they did not set.
DEFAULT = "enterprise"


def ship_plans(**_: Any) -> None:
    """After `migrate`: makes them where there is no plan at all."""
    with transaction.atomic():
        if Plan.objects.exists():
            return
        for rank, (slug, (name, categories, quota, stored_mb)) in enumerate(PLANS.items(), start=1):
            plan = Plan.objects.create(
                slug=slug, name=name, rank=rank * 10, is_default=slug == DEFAULT, stored_mb=stored_mb
            )
            PlanAllowance.objects.bulk_create(
                PlanAllowance(plan=plan, category=each.value, per_minute=quota.per_minute, at_once=quota.at_once)
                for each in categories
            )
