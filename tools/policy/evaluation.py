"""The decision on a call, from the rules and plans that there are. Pure: docs/policies.md says it in words.

A deny wins, whatever its priority; then the plan's gate, unless an allow names the user or a group of theirs; then the
limits of every allow and ask that applies; then the highest of these, ask before allow; then the tool's default.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from netra.core.exceptions import BadInput
from netra.language.text import Text, quoted, text
from tools.base import Category, Effect, Tool
from tools.policy.decision import NOTHING, Decision, Quota
from tools.policy.limits import broken, check_form
from tools.policy.paths import has_argument
from tools.policy.rule import Rule
from tools.policy.subject import Subject
from tools.policy.terms import Terms, upgrade
from tools.policy.weighing import held_back

UNBOUND = Quota(per_minute=None, at_once=None)
IN_WORDS: Mapping[Category, Text] = MappingProxyType(
    {
        Category.BASIC: text("basic"),
        Category.ANALYTICS: text("analytics"),
        Category.DATA: text("data management"),
        Category.ADVANCED: text("advanced optimisation"),
        Category.SYSTEM: text("system"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May the subject call the tool now? `arguments` None: not known yet, limits on them are not looked at."""

    subject: Subject
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None
    now: datetime


def judge(asked: Question, rules: Iterable[Rule], plans: Sequence[Terms]) -> Decision:
    applying = sorted(
        (rule for rule in rules if held_back(rule, asked.subject, asked.tool, asked.now) is None), key=_order
    )
    plan = asked.subject.plan
    denying = next((rule for rule in applying if rule.effect is Effect.DENY), None)
    if denying is not None:
        return _denied(denying, _reason(denying) or _plainly(denying, asked.tool))
    if plan is None:
        return _without_plan()
    if plan.quota is None and not any(rule.effect is Effect.ALLOW and rule.names_somebody for rule in applying):
        return _gated(asked, plan, plans)
    for rule in applying:
        if wrong := beyond(rule, asked):
            tool = asked.tool.title
            return _denied(
                rule, text("{tool} is limited here: {limit} ({rule}).", tool=tool, limit=wrong, rule=rule.name)
            )
    return _granted(asked, applying, _quota(plan, plans))


def beyond(rule: Rule, asked: Question) -> Text | None:
    """Which limit of an allow or ask the arguments break. Limits that nobody understands are broken by all."""
    if not rule.limits or asked.arguments is None:
        return None
    try:
        check_form(rule.limits)
        # A rule for many tools bounds those that have the argument; one that names the tool, all the more so.
        here = {
            path: bounds
            for path, bounds in rule.limits.items()
            if rule.tool == asked.tool.name or has_argument(asked.tool.schema, path)
        }
        return broken(here, asked.arguments)
    except BadInput:
        return text("the limits of this rule cannot be read, so nothing is within them")


def _order(rule: Rule) -> tuple[int, bool, int]:
    """Highest priority first, then ask before allow, then the older."""
    return (-rule.priority, rule.effect is Effect.ALLOW, rule.id)


def _reason(rule: Rule) -> Text | None:
    """As whoever made the rule wrote it."""
    return quoted(rule.reason) if rule.reason else None


def _denied(rule: Rule, reason: Text) -> Decision:
    return Decision(effect=Effect.DENY, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=NOTHING)


def _plainly(denying: Rule, tool: Tool[Any]) -> Text:
    return text(
        "“{tool}” is not allowed here ({rule}); ask whoever looks after this installation.",
        tool=tool.title,
        rule=denying.name,
    )


def _without_plan() -> Decision:
    reason = text("This installation has no default plan: whoever looks after it must choose one.")
    return Decision(effect=Effect.DENY, rule="no plan", version=0, reason=reason, hint=None, quota=NOTHING)


def _gated(asked: Question, plan: Terms, plans: Sequence[Terms]) -> Decision:
    better = upgrade(plans, plan)
    return Decision(
        effect=Effect.DENY,
        rule=f"plan {plan.slug}",
        version=0,
        reason=_lacking(asked, plan),
        hint=text("The plan {plan} would allow it.", plan=better.name) if better is not None else None,
        quota=NOTHING,
    )


def _lacking(asked: Question, plan: Terms) -> Text:
    tool, category, ended = asked.tool.title, IN_WORDS[asked.tool.category], asked.subject.trial_ended
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


def _granted(asked: Question, applying: Sequence[Rule], quota: Quota) -> Decision:
    tool = asked.tool
    if not applying:
        return Decision(
            effect=tool.default,
            rule=f"default of {tool.name}",
            version=0,
            reason=_by_default(tool),
            hint=None,
            quota=NOTHING if tool.default is Effect.DENY else quota,
        )
    rule = applying[0]
    reason = _reason(rule) or _by_rule(rule, tool)
    return Decision(effect=rule.effect, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=quota)


def _by_default(tool: Tool[Any]) -> Text:
    if tool.default is Effect.ALLOW:
        return text("{tool} is allowed where no rule says otherwise.", tool=tool.title)
    if tool.default is Effect.ASK:
        return text("{tool} must be approved first where no rule says otherwise.", tool=tool.title)
    return text("{tool} is not allowed where no rule says otherwise.", tool=tool.title)


def _by_rule(rule: Rule, tool: Tool[Any]) -> Text:
    """A rule that denies has a reason of its own."""
    if rule.effect is Effect.ALLOW:
        return text("{tool} is allowed ({rule}).", tool=tool.title, rule=rule.name)
    return text("{tool} must be approved first ({rule}).", tool=tool.title, rule=rule.name)


def _quota(plan: Terms, plans: Sequence[Terms]) -> Quota:
    """Who is let in beyond their plan has the bounds of the one that would have had the category."""
    if plan.quota is not None:
        return plan.quota
    better = upgrade(plans, plan)
    return better.quota if better is not None and better.quota is not None else UNBOUND
