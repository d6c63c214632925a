"""The decision on a call, from the rules and plans that there are. Pure: docs/policies.md says it in words.

A deny wins, whatever its priority; then the plan's gate, unless an allow names the user or a group of theirs; then the
limits of every allow and ask that applies; then the highest of these, ask before allow; then the tool's default.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netra.core.exceptions import BadInput
from tools.base import Effect, Tool
from tools.policy.decision import NOTHING, Decision, Quota
from tools.policy.limits import broken
from tools.policy.paths import has_argument
from tools.policy.rule import Rule
from tools.policy.subject import Subject
from tools.policy.terms import Terms, upgrade
from tools.policy.weighing import held_back

UNBOUND = Quota(per_minute=None, at_once=None)


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
        return _denied(denying, denying.reason or _plainly(denying, asked.tool))
    if plan is None:
        return _without_plan()
    if plan.quota is None and not any(rule.effect is Effect.ALLOW and rule.names_somebody for rule in applying):
        return _gated(asked, plan, plans)
    for rule in applying:
        if wrong := beyond(rule, asked):
            return _denied(rule, f"{asked.tool.title} is limited here: {wrong} ({rule.name}).")
    return _granted(asked, applying, _quota(plan, plans))


def beyond(rule: Rule, asked: Question) -> str | None:
    """Which limit of an allow or ask the arguments break. Limits that nobody understands are broken by all."""
    if not rule.limits or asked.arguments is None:
        return None
    # A rule for many tools bounds those that have the argument; one that names the tool, all the more so.
    here = {
        path: bounds
        for path, bounds in rule.limits.items()
        if rule.tool == asked.tool.name or has_argument(asked.tool.schema, path)
    }
    try:
        return broken(here, asked.arguments)
    except BadInput:
        return "the limits of this rule cannot be read, so nothing is within them"


def _order(rule: Rule) -> tuple[int, bool, int]:
    """Highest priority first, then ask before allow, then the older."""
    return (-rule.priority, rule.effect is Effect.ALLOW, rule.id)


def _denied(rule: Rule, reason: str) -> Decision:
    return Decision(effect=Effect.DENY, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=NOTHING)


def _plainly(denying: Rule, tool: Tool[Any]) -> str:
    return f"“{tool.title}” is not allowed here ({denying.name}); ask whoever looks after this installation."


def _without_plan() -> Decision:
    reason = "This installation has no default plan: whoever looks after it must choose one."
    return Decision(effect=Effect.DENY, rule="no plan", version=0, reason=reason, hint=None, quota=NOTHING)


def _gated(asked: Question, plan: Terms, plans: Sequence[Terms]) -> Decision:
    ended = asked.subject.trial_ended
    since = f", and your trial ended on {ended:%Y-%m-%d}" if ended is not None else ""
    better = upgrade(plans, plan)
    return Decision(
        effect=Effect.DENY,
        rule=f"plan {plan.slug}",
        version=0,
        reason=f"{asked.tool.title} is for {asked.tool.category}, which the plan {plan.name} does not include{since}.",
        hint=f"The plan {better.name} would allow it." if better is not None else None,
        quota=NOTHING,
    )


def _granted(asked: Question, applying: Sequence[Rule], quota: Quota) -> Decision:
    tool = asked.tool
    said = {Effect.ALLOW: "is allowed", Effect.ASK: "must be approved first", Effect.DENY: "is not allowed"}
    if not applying:
        return Decision(
            effect=tool.default,
            rule=f"default of {tool.name}",
            version=0,
            reason=f"{tool.title} {said[tool.default]} where no rule says otherwise.",
            hint=None,
            quota=NOTHING if tool.default is Effect.DENY else quota,
        )
    rule = applying[0]
    reason = rule.reason or f"{tool.title} {said[rule.effect]} ({rule.name})."
    return Decision(effect=rule.effect, rule=rule.name, version=rule.version, reason=reason, hint=None, quota=quota)


def _quota(plan: Terms, plans: Sequence[Terms]) -> Quota:
    """Who is let in beyond their plan has the bounds of the one that would have had the category."""
    if plan.quota is not None:
        return plan.quota
    better = upgrade(plans, plan)
    return better.quota if better is not None and better.quota is not None else UNBOUND
