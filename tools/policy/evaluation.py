"""Evaluation of rules and plans into a decision on a call. Pure; docs/policies.md describes it.

A deny wins, whatever its priority; then the plan's gate, unless an allow names the user or a group of theirs; then the
limits of every allow and ask that applies; then the highest of these, ask before allow; then the tool's default."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import Text, text, verbatim_text
from tools.base import Category, PolicyEffect, Tool
from tools.policy.argument_limits import find_violation, has_argument, validate_limits
from tools.policy.rules import (
    NO_QUOTA,
    UNBOUNDED_QUOTA,
    Decision,
    PlanTerms,
    PolicyRule,
    PolicySubject,
    Quota,
    find_upgrade,
)

CATEGORY_NAMES: Mapping[Category, Text] = MappingProxyType(
    {
        Category.BASIC: text("basic"),
        Category.ANALYTICS: text("analytics"),
        Category.DATA: text("data management"),
        Category.ADVANCED: text("advanced optimisation"),
        Category.SYSTEM: text("system"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyQuestion:
    """May the subject call the tool now? `arguments` None: not known yet, limits on them are not looked at."""

    subject: PolicySubject
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None
    now: datetime


def evaluate_rules(asked: PolicyQuestion, rules: Iterable[PolicyRule], plans: Sequence[PlanTerms]) -> Decision:
    applying = sorted(
        (rule for rule in rules if find_mismatch(rule, asked.subject, asked.tool, asked.now) is None), key=_get_sort_key
    )
    plan = asked.subject.plan
    denying = next((rule for rule in applying if rule.effect is PolicyEffect.DENY), None)
    if denying is not None:
        return _deny_by_rule(denying, _quote_reason(denying) or _describe_denial(denying, asked.tool))
    if plan is None:
        return _deny_without_plan()
    if plan.quota is None and not any(
        rule.effect is PolicyEffect.ALLOW and rule.has_user_or_group for rule in applying
    ):
        return _deny_by_plan(asked, plan, plans)
    for rule in applying:
        if wrong := find_broken_limit(rule, asked):
            tool = asked.tool.title
            return _deny_by_rule(
                rule, text("{tool} is limited here: {limit} ({rule}).", tool=tool, limit=wrong, rule=rule.name)
            )
    return _grant_call(asked, applying, _resolve_quota(plan, plans))


def find_broken_limit(rule: PolicyRule, asked: PolicyQuestion) -> Text | None:
    """Which limit of an allow or ask the arguments break. Limits that nobody understands are broken by all."""
    if not rule.limits or asked.arguments is None:
        return None
    try:
        validate_limits(rule.limits)
        # A rule for many tools bounds those that have the argument; one that names the tool, all the more so.
        here = {
            path: bounds
            for path, bounds in rule.limits.items()
            if rule.tool == asked.tool.name or has_argument(asked.tool.schema, path)
        }
        return find_violation(here, asked.arguments)
    except BadInput:
        return text("the limits of this rule cannot be read, so nothing is within them")


def _get_sort_key(rule: PolicyRule) -> tuple[int, bool, int]:
    """Highest priority first, then ask before allow, then the older."""
    return (-rule.priority, rule.effect is PolicyEffect.ALLOW, rule.id)


def _quote_reason(rule: PolicyRule) -> Text | None:
    """As whoever made the rule wrote it."""
    return verbatim_text(rule.reason) if rule.reason else None


def _deny_by_rule(rule: PolicyRule, reason: Text) -> Decision:
    return Decision(
        effect=PolicyEffect.DENY, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=NO_QUOTA
    )


def _describe_denial(denying: PolicyRule, tool: Tool[Any]) -> Text:
    return text(
        "“{tool}” is not allowed here ({rule}); ask whoever looks after this installation.",
        tool=tool.title,
        rule=denying.name,
    )


def _deny_without_plan() -> Decision:
    reason = text("This installation has no default plan: whoever looks after it must choose one.")
    return Decision(effect=PolicyEffect.DENY, rule="no plan", version=0, reason=reason, hint=None, quota=NO_QUOTA)


def _deny_by_plan(asked: PolicyQuestion, plan: PlanTerms, plans: Sequence[PlanTerms]) -> Decision:
    better = find_upgrade(plans, plan)
    return Decision(
        effect=PolicyEffect.DENY,
        rule=f"plan {plan.slug}",
        version=0,
        reason=_describe_missing_category(asked, plan),
        hint=text("The plan {plan} would allow it.", plan=better.name) if better is not None else None,
        quota=NO_QUOTA,
    )


def _describe_missing_category(asked: PolicyQuestion, plan: PlanTerms) -> Text:
    tool, category, ended = asked.tool.title, CATEGORY_NAMES[asked.tool.category], asked.subject.trial_end
    if ended is None:
        return text(
            "{tool} is for {category}, which the plan {plan} does not include.",
            tool=tool,
            category=category,
            plan=plan.name,
        )
    return text(
        "{tool} is for {category}, which the plan {plan} does not include, and your trial ended on {date}.",
        tool=tool,
        category=category,
        plan=plan.name,
        date=f"{ended:%Y-%m-%d}",
    )


def _grant_call(asked: PolicyQuestion, applying: Sequence[PolicyRule], quota: Quota) -> Decision:
    tool = asked.tool
    if not applying:
        return Decision(
            effect=tool.default,
            rule=f"default of {tool.name}",
            version=0,
            reason=_describe_default(tool),
            hint=None,
            quota=NO_QUOTA if tool.default is PolicyEffect.DENY else quota,
        )
    rule = applying[0]
    reason = _quote_reason(rule) or _describe_rule(rule, tool)
    return Decision(effect=rule.effect, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=quota)


def _describe_default(tool: Tool[Any]) -> Text:
    if tool.default is PolicyEffect.ALLOW:
        return text("{tool} is allowed where no rule says otherwise.", tool=tool.title)
    if tool.default is PolicyEffect.ASK:
        return text("{tool} must be approved first where no rule says otherwise.", tool=tool.title)
    return text("{tool} is not allowed where no rule says otherwise.", tool=tool.title)


def _describe_rule(rule: PolicyRule, tool: Tool[Any]) -> Text:
    """A rule that denies has a reason of its own."""
    if rule.effect is PolicyEffect.ALLOW:
        return text("{tool} is allowed ({rule}).", tool=tool.title, rule=rule.name)
    return text("{tool} must be approved first ({rule}).", tool=tool.title, rule=rule.name)


def _resolve_quota(plan: PlanTerms, plans: Sequence[PlanTerms]) -> Quota:
    """Who is let in beyond their plan has the bounds of the one that would have had the category."""
    if plan.quota is not None:
        return plan.quota
    better = find_upgrade(plans, plan)
    return better.quota if better is not None and better.quota is not None else UNBOUNDED_QUOTA


def find_mismatch(rule: PolicyRule, subject: PolicySubject, tool: Tool[Any], now: datetime) -> str | None:
    """Why the rule does not apply, in an operator's words; None where it does. Whatever it names must fit."""
    return _check_time(rule, now) or _check_tool(rule, tool) or _check_subject(rule, subject)


def _check_time(rule: PolicyRule, now: datetime) -> str | None:
    if not rule.enabled:
        return "It is switched off."
    if rule.valid_from is not None and now < rule.valid_from:
        return f"It begins at {rule.valid_from:%Y-%m-%d %H:%M} UTC."
    if rule.valid_until is not None and now >= rule.valid_until:
        return f"It ended at {rule.valid_until:%Y-%m-%d %H:%M} UTC."
    return None


def _check_tool(rule: PolicyRule, tool: Tool[Any]) -> str | None:
    if rule.tool and rule.tool != tool.name:
        return f"It is for the tool {rule.tool}."
    if rule.category and rule.category != tool.category:
        return f"It is for the category {rule.category}."
    return None


def _check_subject(rule: PolicyRule, subject: PolicySubject) -> str | None:
    if rule.user_id is not None and rule.user_id != subject.user_id:
        return "It is to another user."
    if rule.group_id is not None and rule.group_id not in subject.groups:
        return "It is to a group that the user is not in."
    if rule.plan_id is not None and (subject.plan is None or rule.plan_id != subject.plan.id):
        return "It is to a plan that the user is not on."
    return None
