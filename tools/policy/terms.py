"""What plans say of one category of tools, and which of them is in force for a user."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tools.policy.decision import Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One plan. `quota` is what it allows of each tool of the category asked for; None: it lacks the category."""

    id: int
    slug: str
    name: str
    rank: int
    default: bool
    quota: Quota | None


def in_force(
    plans: Iterable[Terms], *, subscribed: int | None, trial_ends: datetime | None, now: datetime
) -> Terms | None:
    """The plan subscribed to, unless its trial is over; else the default. None where an installation has none."""
    over = trial_ends is not None and trial_ends <= now
    wanted = None if over else subscribed
    by_id = {plan.id: plan for plan in plans}
    if wanted is not None and wanted in by_id:
        return by_id[wanted]
    return next((plan for plan in by_id.values() if plan.default), None)


def upgrade(plans: Iterable[Terms], current: Terms) -> Terms | None:
    """The lowest plan above the current one that has the category."""
    above = [plan for plan in plans if plan.rank > current.rank and plan.quota is not None]
    return min(above, key=lambda plan: (plan.rank, plan.id), default=None)
