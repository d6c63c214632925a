"""Evaluation of rules and plans into a decision on a call. Pure; docs/policies.md describes it.

A deny wins, whatever its priority. Next, the plan must include the tool's category, unless an allow names the user or
one of their groups. Next, the call must be within the limits of every allow and ask that applies. Then the one with the
highest priority decides, ask before allow, and without any the tool's default."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import Text, text, verbatim_text
from tools.base import PolicyEffect, ToolSpec
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyQuestion:
    """Whether a subject may call a tool now. Limits on arguments are not checked if `arguments` is None."""

    subject: PolicySubject
    tool: ToolSpec[Any]
    arguments: Mapping[str, Any] | None
    now: datetime


def evaluate_rules(question: PolicyQuestion, rules: Iterable[PolicyRule], plans: Sequence[PlanTerms]) -> Decision:
    subject, tool, now = question.subject, question.tool, question.now
    applying = sorted((rule for rule in rules if find_mismatch(rule, subject, tool, now) is None), key=_get_sort_key)
    plan = subject.plan
    denying = next((rule for rule in applying if rule.effect is PolicyEffect.DENY), None)
    if denying is not None:
        return _deny_by_rule(denying, _quote_reason(denying) or _describe_denial(denying, tool))
    if plan is None:
        return _deny_without_plan()
    if plan.quota is None and not any(
        rule.effect is PolicyEffect.ALLOW and rule.has_user_or_group for rule in applying
    ):
        return _deny_by_plan(question, plan, plans)
    for rule in applying:
        if limit := find_broken_limit(rule, question):
            return _deny_by_rule(
                rule,
                text("“{tool}” is limited for you: {limit} ({rule}).", tool=tool.title, limit=limit, rule=rule.name),
            )
    return _grant_call(tool, applying, _resolve_quota(plan, plans))


def find_broken_limit(rule: PolicyRule, question: PolicyQuestion) -> Text | None:
    """Return the limit of an allow or ask that the arguments break. Invalid limits are broken by all arguments."""
    if not rule.limits or question.arguments is None:
        return None
    try:
        validate_limits(rule.limits)
        # A rule for many tools limits those that have the argument. One that names its tool always limits it.
        applicable = {
            path: bounds
            for path, bounds in rule.limits.items()
            if rule.tool == question.tool.name or has_argument(question.tool.schema, path)
        }
        return find_violation(applicable, question.arguments)
    except BadInput:
        return text("the limits of this rule are invalid, so every call is refused")


def _get_sort_key(rule: PolicyRule) -> tuple[int, bool, int]:
    """Sort by the highest priority, then ask before allow, then by age."""
    return (-rule.priority, rule.effect is PolicyEffect.ALLOW, rule.id)


def _quote_reason(rule: PolicyRule) -> Text | None:
    """Return the rule's reason as its author wrote it."""
    return verbatim_text(rule.reason) if rule.reason else None


def _deny_by_rule(rule: PolicyRule, reason: Text) -> Decision:
    return Decision(
        effect=PolicyEffect.DENY, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=NO_QUOTA
    )


def _describe_denial(denying: PolicyRule, tool: ToolSpec[Any]) -> Text:
    return text(
        "Your administrator has turned off “{tool}” for you ({rule}).",
        tool=tool.title,
        rule=denying.name,
    )


def _deny_without_plan() -> Decision:
    reason = text("This installation has no default plan. Ask your administrator to set one.")
    return Decision(effect=PolicyEffect.DENY, rule="no plan", version=0, reason=reason, hint=None, quota=NO_QUOTA)


def _deny_by_plan(question: PolicyQuestion, plan: PlanTerms, plans: Sequence[PlanTerms]) -> Decision:
    better = find_upgrade(plans, plan)
    return Decision(
        effect=PolicyEffect.DENY,
        rule=f"plan {plan.slug}",
        version=0,
        reason=_describe_missing_category(question, plan),
        hint=text("Upgrade to {plan}.", plan=better.name) if better is not None else None,
        quota=NO_QUOTA,
    )


def _describe_missing_category(question: PolicyQuestion, plan: PlanTerms) -> Text:
    tool, trial_end = question.tool.title, question.subject.trial_end
    if trial_end is None:
        return text("“{tool}” isn't included in the {plan} plan.", tool=tool, plan=plan.name)
    return text(
        "“{tool}” isn't included in the {plan} plan, and your trial ended on {date}.",
        tool=tool,
        plan=plan.name,
        date=f"{trial_end:%Y-%m-%d}",
    )


def _grant_call(tool: ToolSpec[Any], applying: Sequence[PolicyRule], quota: Quota) -> Decision:
    """Decide by the first of the rules, or by the tool's default: nothing denies the call."""
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


def _describe_default(tool: ToolSpec[Any]) -> Text:
    if tool.default is PolicyEffect.ALLOW:
        return text("“{tool}” is allowed by default.", tool=tool.title)
    if tool.default is PolicyEffect.ASK:
        return text("“{tool}” requires approval by default.", tool=tool.title)
    return text("“{tool}” is not allowed by default.", tool=tool.title)


def _describe_rule(rule: PolicyRule, tool: ToolSpec[Any]) -> Text:
    """Return the reason of an allow or ask."""
    if rule.effect is PolicyEffect.ALLOW:
        return text("“{tool}” is allowed ({rule}).", tool=tool.title, rule=rule.name)
    return text("“{tool}” requires approval ({rule}).", tool=tool.title, rule=rule.name)


def _resolve_quota(plan: PlanTerms, plans: Sequence[PlanTerms]) -> Quota:
    """Return the plan's quota. For a call that only a rule allows, the next plan with the category has it."""
    if plan.quota is not None:
        return plan.quota
    better = find_upgrade(plans, plan)
    return better.quota if better is not None and better.quota is not None else UNBOUNDED_QUOTA


def find_mismatch(rule: PolicyRule, subject: PolicySubject, tool: ToolSpec[Any], now: datetime) -> str | None:
    """Return why the rule does not apply, as a sentence for an operator, or None if everything that it names fits."""
    return _check_time(rule, now) or _check_tool(rule, tool) or _check_subject(rule, subject)


def _check_time(rule: PolicyRule, now: datetime) -> str | None:
    if not rule.enabled:
        return "It is disabled."
    if rule.valid_from is not None and now < rule.valid_from:
        return f"It starts at {rule.valid_from:%Y-%m-%d %H:%M} UTC."
    if rule.valid_until is not None and now >= rule.valid_until:
        return f"It ended at {rule.valid_until:%Y-%m-%d %H:%M} UTC."
    return None


def _check_tool(rule: PolicyRule, tool: ToolSpec[Any]) -> str | None:
    if rule.tool and rule.tool != tool.name:
        return f"It applies only to the tool {rule.tool}."
    if rule.category and rule.category != tool.category:
        return f"It applies only to the category {rule.category}."
    return None


def _check_subject(rule: PolicyRule, subject: PolicySubject) -> str | None:
    if rule.user_id is not None and rule.user_id != subject.user_id:
        return "It applies to another user."
    if rule.group_id is not None and rule.group_id not in subject.groups:
        return "It applies to a group that the user is not in."
    if rule.plan_id is not None and (subject.plan is None or rule.plan_id != subject.plan.id):
        return "It applies to a plan that the user is not on."
    return None
