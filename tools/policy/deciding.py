"""Whether a user may make a call now. Synchronous; reads the database at each call and keeps nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from netra.language.text import text
from tools.base import Effect, Tool
from tools.policy.decision import NOTHING, Decision
from tools.policy.judging import Question, judge
from tools.policy.loading import Account, account, rules_at_hand, terms
from tools.policy.subject import Subject
from tools.policy.terms import Terms, in_force


def decide(user_id: UUID, tool: Tool[Any], arguments: Mapping[str, Any] | None) -> Decision:
    """Three queries at most. `arguments`: as validated, as JSON data; None before that, when no limit is looked at."""
    found, now = account(user_id, tool), datetime.now(UTC)
    if found is None or not found.active:
        return switched_off()
    plans = terms(tool.category)
    plan = plan_of(found, plans, now)
    rules, groups = rules_at_hand(user_id, tool, plan) if found.ruled else ((), frozenset[int]())
    asked = Question(subject=subject(user_id, groups, plan, found, now), tool=tool, arguments=arguments, now=now)
    return judge(asked, rules, plans)


def switched_off() -> Decision:
    reason = text("This account is switched off or no longer there.")
    return Decision(effect=Effect.DENY, rule="account", version=0, reason=reason, hint=None, quota=NOTHING)


def plan_of(found: Account, plans: tuple[Terms, ...], now: datetime) -> Terms | None:
    return in_force(plans, subscribed=found.subscribed, trial_ends=found.trial_ends, now=now)


def subject(user_id: UUID, groups: frozenset[int], plan: Terms | None, found: Account, now: datetime) -> Subject:
    over = found.trial_ends is not None and found.trial_ends <= now
    return Subject(user_id=user_id, groups=groups, plan=plan, trial_ended=found.trial_ends if over else None)
