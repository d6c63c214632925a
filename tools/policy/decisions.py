"""The decision whether a user may make a call now.

Reads accounts, plans and rules from the database at each call. Nothing is cached: a change applies to the next call."""

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
from tools.base import PolicyEffect, ToolSpec
from tools.policy.evaluation import PolicyQuestion, evaluate_rules
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.policy.rules import NO_QUOTA, Decision, PlanTerms, PolicyRule, PolicySubject, Quota, select_plan

RULE_COLUMNS = (
    *("id", "version", "effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)

# Plain SQL: it is executed at every call, and the ORM needs ten times as long to compose a statement as it runs.
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
    """The account data that a decision needs. `has_rules`: there is a rule for the tool, for any user."""

    is_active: bool
    plan_id: int | None
    trial_ends: datetime | None
    has_rules: bool


def load_account(user_id: UUID, tool: ToolSpec[Any]) -> PolicyAccount | None:
    """Return a user's account, or None if the user is gone. One query."""
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
    """Return every plan with its terms for the category. One query."""
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
            quota=None if allowance is None else Quota(per_minute=per_minute, at_once=at_once),
        )
        for pk, slug, name, rank, default, allowance, per_minute, at_once in rows
    )


def _to_utc(value: datetime | None) -> datetime | None:
    """Return the time in UTC, which SQLite stores without a zone."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def load_candidate_rules(
    user_id: UUID, tool: ToolSpec[Any], plan: PlanTerms | None
) -> tuple[tuple[PolicyRule, ...], frozenset[int]]:
    """Return the rules that may apply, and which of the user's groups they name. One query."""
    member = Exists(User.groups.through._default_manager.filter(user_id=user_id, group_id=OuterRef("group_id")))
    target = Q(group=None, plan=None, user=None) | Q(user=user_id) | Q(member=True)
    if plan is not None:
        target |= Q(plan=plan.id)
    rows = list(
        Policy.objects.annotate(member=member)
        .filter(target, enabled=True, tool__in=("", tool.name), category__in=("", tool.category.value))
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
    # An unknown effect allows nothing.
    known = values["effect"] in set(PolicyEffect)
    return PolicyRule(**values | {"effect": PolicyEffect(values["effect"]) if known else PolicyEffect.DENY})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGrounds:
    """What a decision about a tool rests on, as it was read at one moment."""

    subject: PolicySubject
    rules: tuple[PolicyRule, ...]
    plans: tuple[PlanTerms, ...]
    now: datetime


def evaluate_call(user_id: UUID, tool: ToolSpec[Any], arguments: Mapping[str, Any] | None) -> Decision:
    """Decide whether a user may call a tool now, in three queries at most.

    `arguments` are validated, as JSON data. Without them no limit on arguments is checked.
    """
    return decide_call(load_grounds(user_id, tool), tool, arguments)


def load_grounds(user_id: UUID, tool: ToolSpec[Any]) -> PolicyGrounds | None:
    """Return what decisions about a tool rest on now; None for an account that is inactive or gone."""
    account, now = load_account(user_id, tool), datetime.now(UTC)
    if account is None or not account.is_active:
        return None
    plans = load_terms(tool.category)
    plan = get_current_plan(account, plans, now)
    rules, groups = load_candidate_rules(user_id, tool, plan) if account.has_rules else ((), frozenset[int]())
    subject = build_subject(user_id, groups, plan, account, now)
    return PolicyGrounds(subject=subject, rules=rules, plans=plans, now=now)


def decide_call(grounds: PolicyGrounds | None, tool: ToolSpec[Any], arguments: Mapping[str, Any] | None) -> Decision:
    """Decide on one call of a tool."""
    if grounds is None:
        return deny_inactive_account()
    question = PolicyQuestion(subject=grounds.subject, tool=tool, arguments=arguments, now=grounds.now)
    return evaluate_rules(question, grounds.rules, grounds.plans)


def deny_inactive_account() -> Decision:
    reason = text("This account is deactivated or no longer exists.")
    return Decision(effect=PolicyEffect.DENY, rule="account", version=0, reason=reason, hint=None, quota=NO_QUOTA)


def get_current_plan(account: PolicyAccount, plans: tuple[PlanTerms, ...], now: datetime) -> PlanTerms | None:
    return select_plan(plans, subscribed=account.plan_id, trial_ends=account.trial_ends, now=now)


def build_subject(
    user_id: UUID, groups: frozenset[int], plan: PlanTerms | None, account: PolicyAccount, now: datetime
) -> PolicySubject:
    over = account.trial_ends is not None and account.trial_ends <= now
    return PolicySubject(user_id=user_id, groups=groups, plan=plan, trial_end=account.trial_ends if over else None)
