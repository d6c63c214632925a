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
    """Of one tool: calls that may begin within a minute, and calls under way at once. None: no bound."""

    per_minute: int | None
    at_once: int | None


NO_QUOTA = Quota(per_minute=0, at_once=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`rule` is a short stable name ("policy 12", "plan free", "default of estimate_lever", "account", "no plan").

    `version` is the policy's, 0 for everything else. `reason` is one sentence in the user's words, `hint` what an
    upgrade would allow. Where the effect is to deny, the quota is none at all.
    """

    effect: PolicyEffect
    rule: str
    version: int
    reason: Text
    hint: Text | None
    quota: Quota

    @property
    def words(self) -> Text:
        """The reason, and the hint where there is one."""
        return self.reason if self.hint is None else join_texts(" ", (self.reason, self.hint))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """One plan. `quota` is what it allows of each tool of the category asked for; None: it lacks the category."""

    id: int
    slug: str
    name: str
    rank: int
    is_default: bool
    quota: Quota | None


def select_plan(
    plans: Iterable[PlanTerms], *, subscribed: int | None, trial_ends: datetime | None, now: datetime
) -> PlanTerms | None:
    """The plan subscribed to, unless its trial is over; else the default. None where an installation has none."""
    over = trial_ends is not None and trial_ends <= now
    wanted = None if over else subscribed
    by_id = {plan.id: plan for plan in plans}
    if wanted is not None and wanted in by_id:
        return by_id[wanted]
    return next((plan for plan in by_id.values() if plan.is_default), None)


def find_upgrade(plans: Iterable[PlanTerms], current: PlanTerms) -> PlanTerms | None:
    """The lowest plan above the current one that has the category."""
    above = [plan for plan in plans if plan.rank > current.rank and plan.quota is not None]
    return min(above, key=lambda plan: (plan.rank, plan.id), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """`tool` and `category` are empty where it is for all; group, plan and user None where it is to everyone.

    `limits` is the JSON of tools/policy/argument_limits.py, as stored. It holds from `valid_from` on, before `valid_until`.
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
        """Whether it is to one user or one group, as against a plan or everyone."""
        return self.user_id is not None or self.group_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySubject:
    """`groups` has at least those of the user's groups that a rule at hand names; `trial_end`: when one did."""

    user_id: UUID
    groups: frozenset[int]
    plan: PlanTerms | None
    trial_end: datetime | None = None


UNBOUNDED_QUOTA = Quota(per_minute=None, at_once=None)
