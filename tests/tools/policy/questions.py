"""Questions to the judge, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.i18n.text import text
from tools.base import Category, DataKind, PolicyEffect, SideEffects, Tool, ToolContext, ToolInput
from tools.policy.evaluation import PolicyQuestion, evaluate_rules
from tools.policy.rules import Decision, PlanTerms, PolicyRule, PolicySubject, Quota

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ME, OTHER = UUID(int=1), UUID(int=2)
TEAM, OTHERS = 7, 8
FREE = PlanTerms(id=1, slug="free", name="Free", rank=10, is_default=True, quota=None)
PRO = PlanTerms(id=2, slug="pro", name="Pro", rank=20, is_default=False, quota=Quota(per_minute=600, at_once=16))
TOP = PlanTerms(id=3, slug="top", name="Top", rank=30, is_default=False, quota=Quota(per_minute=None, at_once=None))
PLANS = (FREE, PRO, TOP)


class Region(ToolInput):
    name: str


class WantedRows(ToolInput):
    rows: int | None = None
    names: tuple[str, ...] = ()
    region: Region | None = None


async def run(_: WantedRows, __: ToolContext) -> None: ...


TOOL: Tool[Any] = Tool(
    name="count",
    title=text("Count"),
    description="Counts.",
    input=WantedRows,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES}),
)


def rule(number: int, effect: str, **values: Any) -> PolicyRule:
    return PolicyRule(id=number, version=values.pop("version", 1), effect=PolicyEffect(effect), **values)


def decide(
    *rules: PolicyRule,
    plan: PlanTerms | None = PRO,
    arguments: Any = None,
    default: PolicyEffect = PolicyEffect.ALLOW,
    **of: Any,
) -> Decision:
    asked = PolicyQuestion(
        subject=PolicySubject(user_id=ME, groups=frozenset({TEAM}), plan=plan, **of),
        tool=replace(TOOL, default=default),
        arguments=arguments,
        now=NOW,
    )
    return evaluate_rules(asked, rules, PLANS)
