"""Explanations of a decision for operators, with the effect of every rule, as values, text lines or JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from core.exceptions import BadInput, NotFound
from core.i18n.text import text
from core.users import find_user
from tools.base import PolicyEffect, Tool
from tools.policy.decisions import (
    build_subject,
    deny_inactive_account,
    get_current_plan,
    iter_all_rules,
    load_account,
    load_all_groups,
    load_terms,
)
from tools.policy.evaluation import PolicyQuestion, evaluate_rules, find_broken_limit, find_mismatch
from tools.policy.rules import Decision, PolicyRule, Quota
from tools.registry import TOOLS


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplanation:
    """The part of one rule in a decision. `decides`: the decision names this rule. `why` is a sentence."""

    rule: PolicyRule
    applies: bool
    decides: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision and every rule's part in it. `plan` is the name of the user's current plan, if there is one."""

    decision: Decision
    plan: str | None
    parts: tuple[RuleExplanation, ...]


def explain_call(user_id: UUID, tool: Tool[Any], arguments: Mapping[str, Any] | None) -> Explanation:
    """Explain what `evaluate_call` would decide now, with all rules."""
    account, now = load_account(user_id, tool), datetime.now(UTC)
    if account is None or not account.is_active:
        return Explanation(decision=deny_inactive_account(), plan=None, parts=())
    plans, rules = load_terms(tool.category), tuple(iter_all_rules())
    plan = get_current_plan(account, plans, now)
    subject = build_subject(user_id, load_all_groups(user_id), plan, account, now)
    question = PolicyQuestion(subject=subject, tool=tool, arguments=arguments, now=now)
    decision = evaluate_rules(question, rules, plans)
    parts = tuple(_explain_rule(rule, question, decision) for rule in rules)
    return Explanation(decision=decision, plan=None if plan is None else plan.name, parts=parts)


def _explain_rule(rule: PolicyRule, question: PolicyQuestion, decision: Decision) -> RuleExplanation:
    mismatch = find_mismatch(rule, question.subject, question.tool, question.now)
    return RuleExplanation(
        rule=rule,
        applies=mismatch is None,
        decides=rule.name == decision.rule,
        why=mismatch or _describe_effect(rule, question, decision),
    )


def _describe_effect(rule: PolicyRule, question: PolicyQuestion, decision: Decision) -> str:
    limit = find_broken_limit(rule, question) if rule.effect is not PolicyEffect.DENY else None
    if limit is not None:
        return f"It applies, and the call exceeds its limits: {limit}."
    if rule.name == decision.rule:
        return "It applies and decides."
    if rule.effect is PolicyEffect.ALLOW and rule.has_user_or_group:
        return f"It applies and overrides the plan; {decision.rule} decides."
    return f"It applies, but {decision.rule} takes precedence."


def explain_named_call(user: str, tool: str, arguments: str) -> Explanation:
    """Explain a call of a named tool by a user's id or name. Raises NotFound and BadInput.

    `arguments` is JSON, or empty: then limits on arguments are not checked.
    """
    named = get_tool(tool)
    return explain_call(find_user(user).pk, named, parse_arguments_text(named, arguments))


def get_tool(name: str) -> Tool[Any]:
    """Raises NotFound."""
    tool = TOOLS.get(name)
    if tool is None:
        available = ", ".join(sorted(TOOLS))
        raise NotFound(
            text("Tool {name} not found. Available tools: {available}.", name=repr(name), available=available)
        )
    return tool


def parse_arguments_text(tool: Tool[Any], written: str) -> dict[str, Any] | None:
    """Return the arguments as limits see them: validated as those of a call. Raises BadInput."""
    if not written.strip():
        return None
    try:
        arguments = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise BadInput(text("The arguments are not valid JSON: {problem}.", problem=str(error))) from error
    if not isinstance(arguments, dict):
        raise BadInput(
            text("The arguments must be a JSON object, such as {example}.", example='{"name": "prompt_caching"}')
        )
    try:
        valid: dict[str, Any] = tool.input.model_validate(arguments).model_dump(mode="json")
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
        raise BadInput(text("Invalid arguments for {tool}: {wrong}.", tool=tool.name, wrong=wrong)) from error
    return valid


def to_lines(explanation: Explanation) -> Iterator[str]:
    decision = explanation.decision
    version = f", version {decision.version}" if decision.version else ""
    yield f"{decision.effect.value} by {decision.rule}{version}: {decision.reason}"
    if decision.hint:
        yield f"hint: {decision.hint}"
    yield f"current plan: {explanation.plan or 'none'}; quota per tool: {format_quota(decision.quota)}"
    for part in explanation.parts:
        yield f"  {_format_mark(part)} {part.rule.name} v{part.rule.version} ({part.rule.effect.value}): {part.why}"
    if not explanation.parts:
        yield "  No policies were checked." if decision.rule == "account" else "  There are no policies."


def to_json(explanation: Explanation) -> dict[str, Any]:
    decision = explanation.decision
    return {
        "effect": decision.effect.value,
        "rule": decision.rule,
        "version": decision.version,
        "reason": decision.reason,
        "hint": decision.hint,
        "plan": explanation.plan,
        "quota": {"per_minute": decision.quota.per_minute, "at_once": decision.quota.at_once},
        "policies": [
            {
                "policy": part.rule.id,
                "version": part.rule.version,
                "effect": part.rule.effect.value,
                "priority": part.rule.priority,
                "applies": part.applies,
                "decides": part.decides,
                "why": part.why,
            }
            for part in explanation.parts
        ],
    }


def format_quota(quota: Quota) -> str:
    per_minute = "unlimited" if quota.per_minute is None else str(quota.per_minute)
    at_once = "unlimited" if quota.at_once is None else str(quota.at_once)
    return f"{per_minute} per minute, {at_once} at once"


def _format_mark(part: RuleExplanation) -> str:
    return "*" if part.decides else "+" if part.applies else "-"
