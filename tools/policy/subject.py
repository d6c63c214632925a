"""Whom a call is made for, as far as rules ask."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tools.policy.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`groups` has at least those of the user's groups that a rule at hand names; `trial_ended`: when one did."""

    user_id: UUID
    groups: frozenset[int]
    plan: Terms | None
    trial_ended: datetime | None = None
