"""Why a call is decided as it is: the decision, and what each rule of the installation has to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tools.base import Effect, Tool
from tools.policy.deciding import plan_of, subject, switched_off
from tools.policy.decision import Decision
from tools.policy.judging import Question, beyond, judge
from tools.policy.loading import account, all_groups, all_rules, terms
from tools.policy.rule import Rule
from tools.policy.weighing import held_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one rule does in it. `decides` is of the one that the decision names; `why` is a sentence."""

    rule: Rule
    applies: bool
    decides: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`plan` is the name of the plan in force; None for who has none, or no account."""

    decision: Decision
    plan: str | None
    parts: tuple[Part, ...]


def explain(user_id: UUID, tool: Tool[Any], arguments: Mapping[str, Any] | None) -> Explanation:
    """As `decide` would say it now, from all rules that there are."""
    found, now = account(user_id, tool), datetime.now(UTC)
    if found is None or not found.active:
        return Explanation(decision=switched_off(), plan=None, parts=())
    plans, rules = terms(tool.category), tuple(all_rules())
    plan = plan_of(found, plans, now)
    whom = subject(user_id, all_groups(user_id), plan, found, now)
    asked = Question(subject=whom, tool=tool, arguments=arguments, now=now)
    decision = judge(asked, rules, plans)
    parts = tuple(_part(rule, asked, decision) for rule in rules)
    return Explanation(decision=decision, plan=None if plan is None else plan.name, parts=parts)


def _part(rule: Rule, asked: Question, decision: Decision) -> Part:
    held = held_back(rule, asked.subject, asked.tool, asked.now)
    decides = rule.name == decision.rule
    return Part(rule=rule, applies=held is None, decides=decides, why=held or _effect(rule, asked, decision))


def _effect(rule: Rule, asked: Question, decision: Decision) -> str:
    wrong = beyond(rule, asked) if rule.effect is not Effect.DENY else None
    if wrong is not None:
        return f"It applies, and the call is beyond its limits: {wrong}."
    if rule.name == decision.rule:
        return "It applies and decides."
    if rule.effect is Effect.ALLOW and rule.names_somebody:
        return f"It applies and opens what the plan lacks; {decision.rule} decides."
    return f"It applies; {decision.rule} comes before it."
