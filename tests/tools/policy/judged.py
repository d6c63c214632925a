"""Questions to the judge, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from netra.language.text import text
from tools.base import Category, Effect, SideEffects, Tool, ToolContext, ToolInput
from tools.kinds import Kind
from tools.policy.decision import Decision, Quota
from tools.policy.judging import Question, judge
from tools.policy.rule import Rule
from tools.policy.subject import Subject
from tools.policy.terms import Terms

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ME, OTHER = UUID(int=1), UUID(int=2)
TEAM, OTHERS = 7, 8
FREE = Terms(id=1, slug="free", name="Free", rank=10, default=True, quota=None)
PRO = Terms(id=2, slug="pro", name="Pro", rank=20, default=False, quota=Quota(per_minute=600, at_once=16))
TOP = Terms(id=3, slug="top", name="Top", rank=30, default=False, quota=Quota(per_minute=None, at_once=None))
PLANS = (FREE, PRO, TOP)


class Region(ToolInput):
    name: str


class Wanted(ToolInput):
    rows: int | None = None
    names: tuple[str, ...] = ()
    region: Region | None = None


async def run(_: Wanted, __: ToolContext) -> None: ...


TOOL: Tool[Any] = Tool(
    name="count",
    title=text("Count"),
    description="Counts.",
    input=Wanted,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES}),
)


def rule(number: int, effect: str, **values: Any) -> Rule:
    return Rule(id=number, version=values.pop("version", 1), effect=Effect(effect), **values)


def decided(
    *rules: Rule, plan: Terms | None = PRO, arguments: Any = None, default: Effect = Effect.ALLOW, **of: Any
) -> Decision:
    asked = Question(
        subject=Subject(user_id=ME, groups=frozenset({TEAM}), plan=plan, **of),
        tool=replace(TOOL, default=default),
        arguments=arguments,
        now=NOW,
    )
    return judge(asked, rules, PLANS)
