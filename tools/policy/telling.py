"""An explanation as text and as JSON data."""

from collections.abc import Iterator
from typing import Any

from tools.policy.decision import Quota
from tools.policy.explaining import Explanation, Part


def as_lines(told: Explanation) -> Iterator[str]:
    decision = told.decision
    version = f", version {decision.version}" if decision.version else ""
    yield f"{decision.effect.value} by {decision.rule}{version}: {decision.reason}"
    if decision.hint:
        yield f"hint: {decision.hint}"
    yield f"plan in force: {told.plan or 'none'}; quota per tool: {quota_in_words(decision.quota)}"
    for part in told.parts:
        yield f"  {_mark(part)} {part.rule.name} v{part.rule.version} ({part.rule.effect.value}): {part.why}"
    if not told.parts:
        yield "  No policy was looked at." if told.decision.rule == "account" else "  There are no policies."


def as_json(told: Explanation) -> dict[str, Any]:
    decision = told.decision
    return {
        "effect": decision.effect.value,
        "rule": decision.rule,
        "version": decision.version,
        "reason": decision.reason,
        "hint": decision.hint,
        "plan": told.plan,
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
            for part in told.parts
        ],
    }


def quota_in_words(quota: Quota) -> str:
    per_minute = "any number" if quota.per_minute is None else str(quota.per_minute)
    at_once = "any number" if quota.at_once is None else str(quota.at_once)
    return f"{per_minute} a minute, {at_once} at once"


def _mark(part: Part) -> str:
    return "*" if part.decides else "+" if part.applies else "-"
