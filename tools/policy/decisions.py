"""The decision whether a user may make a call now.

Reads accounts, plans and rules from the database at each call and caches nothing: a change holds from the next call on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.db import to_uuid_param
from core.i18n.text import text
from core.models import User
from tools.base import PolicyEffect, Tool
from tools.policy.evaluation import PolicyQuestion, evaluate_rules
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.policy.rules import NO_QUOTA, Decision, PlanTerms, PolicyRule, PolicySubject, Quota, select_plan

RULE_COLUMNS = (
    *("id", "version", "effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


# Plain SQL: every call of every run asks this, and composing the statements took ten times as long as they take.
SELECT_ACCOUNT = """
SELECT u.is_active, s.plan_id, s.trial_ends,
    EXISTS (SELECT 1 FROM {policies} p WHERE p.enabled AND p.tool IN ('', %s) AND p.category IN ('', %s))
FROM {users} u LEFT JOIN {subscriptions} s ON s.user_id = u.id WHERE u.id = %s
"""
SELECT_TERMS = """
SELECT p.id, p.slug, p.name, p.rank, p.is_default, a.id, a.per_minute, a.at_once
FROM {plans} p LEFT JOIN {allowances} a ON a.plan_id = p.id AND a.category = %s ORDER BY p.rank, p.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAccount:
    """`has_rules`: there are rules for the tool, for whomever."""

    is_active: bool
    plan_id: int | None
    trial_ends: datetime | None
    has_rules: bool


def load_account(user_id: UUID, tool: Tool[Any]) -> PolicyAccount | None:
    """None for a user who is gone. One query."""
    tables = {
        "policies": Policy._meta.db_table,
        "users": User._meta.db_table,
        "subscriptions": Subscription._meta.db_table,
    }
    with connection.cursor() as cursor:
        cursor.execute(SELECT_ACCOUNT.format(**tables), [tool.name, tool.category.value, to_uuid_param(user_id)])
        row = cursor.fetchone()
    if row is None:
        return None
    return PolicyAccount(is_active=bool(row[0]), plan_id=row[1], trial_ends=_to_utc(row[2]), has_rules=bool(row[3]))


def load_terms(category: str) -> tuple[PlanTerms, ...]:
    """Every plan, with what it says of the category. One query."""
    sql = SELECT_TERMS.format(plans=Plan._meta.db_table, allowances=PlanAllowance._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [category])
        rows = cursor.fetchall()
    return tuple(
        PlanTerms(
            id=pk,
            slug=slug,
            name=name,
            rank=rank,
            is_default=bool(default),
            quota=None if found is None else Quota(per_minute=per_minute, at_once=at_once),
        )
        for pk, slug, name, rank, default, found, per_minute, at_once in rows
    )


def _to_utc(value: datetime | None) -> datetime | None:
    """SQLite has no time zones: Django stores UTC there, without saying so."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def load_candidate_rules(
    user_id: UUID, tool: Tool[Any], plan: PlanTerms | None
) -> tuple[tuple[PolicyRule, ...], frozenset[int]]:
    """The rules that may apply, and which of the groups that they name the user is in. One query."""
    member = Exists(User.groups.through._default_manager.filter(user_id=user_id, group_id=OuterRef("group_id")))
    whom = Q(group=None, plan=None, user=None) | Q(user=user_id) | Q(member=True)
    if plan is not None:
        whom |= Q(plan=plan.id)
    rows = list(
        Policy.objects.annotate(member=member)
        .filter(whom, enabled=True, tool__in=("", tool.name), category__in=("", tool.category.value))
        .order_by("id")
        .values_list("member", *RULE_COLUMNS)
    )
    groups = frozenset(row[1 + RULE_COLUMNS.index("group_id")] for row in rows if row[0])
    return tuple(_to_rule(row[1:]) for row in rows), groups


def iter_all_rules() -> Iterator[PolicyRule]:
    rows: QuerySet[Policy, tuple[Any, ...]] = Policy.objects.order_by("-priority", "id").values_list(*RULE_COLUMNS)
    yield from (_to_rule(row) for row in rows)


def load_all_groups(user_id: UUID) -> frozenset[int]:
    return frozenset(Group.objects.filter(user=user_id).values_list("pk", flat=True))


def _to_rule(row: tuple[Any, ...]) -> PolicyRule:
    values = dict(zip(RULE_COLUMNS, row, strict=True))
    # What nobody understands allows nothing.
    known = values["effect"] in set(PolicyEffect)
    return PolicyRule(**values | {"effect": PolicyEffect(values["effect"]) if known else PolicyEffect.DENY})


def evaluate_call(user_id: UUID, tool: Tool[Any], arguments: Mapping[str, Any] | None) -> Decision:
    """Three queries at most. `arguments`: as validated, as JSON data; None before that, when no limit is looked at."""
    found, now = load_account(user_id, tool), datetime.now(UTC)
    if found is None or not found.is_active:
        return deny_inactive_account()
    plans = load_terms(tool.category)
    plan = get_current_plan(found, plans, now)
    rules, groups = load_candidate_rules(user_id, tool, plan) if found.has_rules else ((), frozenset[int]())
    asked = PolicyQuestion(
        subject=build_subject(user_id, groups, plan, found, now), tool=tool, arguments=arguments, now=now
    )
    return evaluate_rules(asked, rules, plans)


def deny_inactive_account() -> Decision:
    reason = text("This account is switched off or no longer there.")
    return Decision(effect=PolicyEffect.DENY, rule="account", version=0, reason=reason, hint=None, quota=NO_QUOTA)


def get_current_plan(found: PolicyAccount, plans: tuple[PlanTerms, ...], now: datetime) -> PlanTerms | None:
    return select_plan(plans, subscribed=found.plan_id, trial_ends=found.trial_ends, now=now)


def build_subject(
    user_id: UUID, groups: frozenset[int], plan: PlanTerms | None, found: PolicyAccount, now: datetime
) -> PolicySubject:
    over = found.trial_ends is not None and found.trial_ends <= now
    return PolicySubject(user_id=user_id, groups=groups, plan=plan, trial_end=found.trial_ends if over else None)
