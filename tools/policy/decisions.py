"""Rules, plans and users as the judge takes them, read anew each time: a change holds from the next call on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from netra.core.heads import key
from netra.core.models import User
from tools.base import Effect, Tool
from tools.policy.decision import Quota
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.policy.rule import Rule
from tools.policy.terms import Terms

COLUMNS = (
    *("id", "version", "effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


# Plain SQL: every call of every run asks this, and composing the statements took ten times as long as they take.
ACCOUNT = """
SELECT u.is_active, s.plan_id, s.trial_ends,
    EXISTS (SELECT 1 FROM {policies} p WHERE p.enabled AND p.tool IN ('', %s) AND p.category IN ('', %s))
FROM {users} u LEFT JOIN {subscriptions} s ON s.user_id = u.id WHERE u.id = %s
"""
TERMS = """
SELECT p.id, p.slug, p.name, p.rank, p.is_default, a.id, a.per_minute, a.at_once
FROM {plans} p LEFT JOIN {allowances} a ON a.plan_id = p.id AND a.category = %s ORDER BY p.rank, p.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`ruled`: there are rules for the tool, for whomever."""

    active: bool
    subscribed: int | None
    trial_ends: datetime | None
    ruled: bool


def account(user_id: UUID, tool: Tool[Any]) -> Account | None:
    """None for a user who is gone. One query."""
    tables = {
        "policies": Policy._meta.db_table,
        "users": User._meta.db_table,
        "subscriptions": Subscription._meta.db_table,
    }
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNT.format(**tables), [tool.name, tool.category.value, key(user_id)])
        row = cursor.fetchone()
    if row is None:
        return None
    return Account(active=bool(row[0]), subscribed=row[1], trial_ends=_moment(row[2]), ruled=bool(row[3]))


def terms(category: str) -> tuple[Terms, ...]:
    """Every plan, with what it says of the category. One query."""
    sql = TERMS.format(plans=Plan._meta.db_table, allowances=PlanAllowance._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [category])
        rows = cursor.fetchall()
    return tuple(
        Terms(
            id=pk,
            slug=slug,
            name=name,
            rank=rank,
            default=bool(default),
            quota=None if found is None else Quota(per_minute=per_minute, at_once=at_once),
        )
        for pk, slug, name, rank, default, found, per_minute, at_once in rows
    )


def _moment(value: datetime | None) -> datetime | None:
    """SQLite has no time zones: Django stores UTC there, without saying so."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


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
