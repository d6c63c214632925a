"""The values that a decision is made of: quotas, decisions, plans' terms, rules and the user they are applied to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.i18n.text import Text, join_texts
from tools.base import PolicyEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Limits of one tool: calls that may begin within a minute, and calls under way at once. None is no limit."""

    per_minute: int | None
    at_once: int | None


NO_QUOTA = Quota(per_minute=0, at_once=0)
UNBOUNDED_QUOTA = Quota(per_minute=None, at_once=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`rule` is a short stable name ("policy 12", "plan free", "default of estimate_lever", "account", "no plan").

    `version` is the policy's, and 0 for everything else. `reason` is a sentence for the user. `hint` says which plan
    would allow the call. A denied call has NO_QUOTA.
    """

    effect: PolicyEffect
    rule: str
    version: int
    reason: Text
    hint: Text | None
    quota: Quota

    @property
    def message(self) -> Text:
        """The reason, followed by the hint if there is one."""
        return self.reason if self.hint is None else join_texts(" ", (self.reason, self.hint))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """One plan's terms for one category: the quota of each of its tools, or None if the plan lacks the category."""

    id: int
    slug: str
    name: str
    rank: int
    is_default: bool
    quota: Quota | None


def select_plan(
    plans: Iterable[PlanTerms], *, subscribed: int | None, trial_ends: datetime | None, now: datetime
) -> PlanTerms | None:
    """Return the subscribed plan unless its trial is over, else the default plan. None without a default plan."""
    over = trial_ends is not None and trial_ends <= now
    by_id = {plan.id: plan for plan in plans}
    if subscribed is not None and subscribed in by_id and not over:
        return by_id[subscribed]
    return next((plan for plan in by_id.values() if plan.is_default), None)


def find_upgrade(plans: Iterable[PlanTerms], current: PlanTerms) -> PlanTerms | None:
    """Return the lowest plan above the current one that has the category."""
    above = [plan for plan in plans if plan.rank > current.rank and plan.quota is not None]
    return min(above, key=lambda plan: (plan.rank, plan.id), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """A policy as a value. Empty `tool` and `category`: for every tool. No group, plan and user: to everyone.

    `limits` is the stored JSON (tools/policy/argument_limits.py). It applies from `valid_from` until `valid_until`.
    """

    id: int
    version: int
    effect: PolicyEffect
    tool: str = ""
    category: str = ""
    group_id: int | None = None
    plan_id: int | None = None
    user_id: UUID | None = None
    limits: Mapping[str, Any] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    priority: int = 0
    enabled: bool = True
    reason: str = ""

    @property
    def name(self) -> str:
        return f"policy {self.id}"

    @property
    def has_user_or_group(self) -> bool:
        """Whether it is to one user or one group, not to a plan or everyone."""
        return self.user_id is not None or self.group_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySubject:
    """The user of a call. `groups` has at least those that the given rules name. `trial_end` is set once it is over."""

    user_id: UUID
    groups: frozenset[int]
    plan: PlanTerms | None
    trial_end: datetime | None = None
