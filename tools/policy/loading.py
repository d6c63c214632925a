"""Rules, plans and users as the judge takes them, read anew each time: a change holds from the next call on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from netra.core.models import User
from tools.base import Effect, Tool
from tools.policy.decision import Quota
from tools.policy.models import Plan, Policy
from tools.policy.rule import Rule
from tools.policy.terms import Terms

COLUMNS = (
    *("id", "version", "effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    active: bool
    subscribed: int | None
    trial_ends: datetime | None


def account(user_id: UUID) -> Account | None:
    """None for a user who is gone. One query."""
    columns = ("is_active", "subscription__plan_id", "subscription__trial_ends")
    row = User.objects.filter(pk=user_id).values_list(*columns).first()
    return None if row is None else Account(active=row[0], subscribed=row[1], trial_ends=row[2])


def terms(category: str) -> tuple[Terms, ...]:
    """Every plan, with what it says of the category. One query."""
    mine = FilteredRelation("allowances", condition=Q(allowances__category=category))
    columns = ("id", "slug", "name", "rank", "is_default", "mine__id", "mine__per_minute", "mine__at_once")
    return tuple(
        Terms(
            id=pk,
            slug=slug,
            name=name,
            rank=rank,
            default=default,
            quota=None if found is None else Quota(per_minute=per_minute, at_once=at_once),
        )
        for pk, slug, name, rank, default, found, per_minute, at_once in Plan.objects.annotate(mine=mine)
        .order_by("rank")
        .values_list(*columns)
    )


def rules_at_hand(user_id: UUID, tool: Tool[Any], plan: Terms | None) -> tuple[tuple[Rule, ...], frozenset[int]]:
    """The rules that may apply, and which of the groups that they name the user is in. One query."""
    member = Exists(User.groups.through._default_manager.filter(user_id=user_id, group_id=OuterRef("group_id")))
    whom = Q(group=None, plan=None, user=None) | Q(user=user_id) | Q(member=True)
    if plan is not None:
        whom |= Q(plan=plan.id)
    rows = list(
        Policy.objects.annotate(member=member)
        .filter(whom, enabled=True, tool__in=("", tool.name), category__in=("", tool.category.value))
        .order_by("id")
        .values_list("member", *COLUMNS)
    )
    groups = frozenset(row[1 + COLUMNS.index("group_id")] for row in rows if row[0])
    return tuple(_rule(row[1:]) for row in rows), groups


def all_rules() -> Iterator[Rule]:
    rows: QuerySet[Policy, tuple[Any, ...]] = Policy.objects.order_by("-priority", "id").values_list(*COLUMNS)
    yield from (_rule(row) for row in rows)


def all_groups(user_id: UUID) -> frozenset[int]:
    return frozenset(Group.objects.filter(user=user_id).values_list("pk", flat=True))


def _rule(row: tuple[Any, ...]) -> Rule:
    values = dict(zip(COLUMNS, row, strict=True))
    # What nobody understands allows nothing.
    known = values["effect"] in set(Effect)
    return Rule(**values | {"effect": Effect(values["effect"]) if known else Effect.DENY})
