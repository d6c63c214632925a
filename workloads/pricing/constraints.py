"""The limits in a question: where levers may save, what they must not change, and which changes are excluded."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ExcludedChange(StrEnum):
    """A kind of change that a question excludes. Each lever declares which one it makes (levers.base.Lever.change)."""

    MODELS = "models"
    CACHES = "caches"
    BATCHES = "batches"  # and whatever else lets requests wait: flex, off-peak hours, no priority
    LENGTHS = "lengths"


class Limit(StrEnum):
    """Why a part of a question can't be taken into account."""

    QUALITY = "quality"
    CURRENCY = "currency"
    PERIOD = "period"
    LEVEL = "level"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeName:
    """A name in a question; `dimension` is the column that it belongs to, if the question says so."""

    name: str
    dimension: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetLimit:
    """Words of a question that can't be taken into account, and why."""

    words: str
    why: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLimit:
    """The latency in ms that `metric` (p50, p95 or p99) must not exceed."""

    metric: str
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """`only`: levers change only requests of these; `never`: no lever changes requests of those; `excluded`: kinds of
    changes that no lever makes; `unmet`: what can't be taken into account.

    `goal_usd` is the saving that is asked for, over the period of the log.
    """

    only: tuple[ScopeName, ...] = ()
    never: tuple[ScopeName, ...] = ()
    excluded: tuple[ExcludedChange, ...] = ()
    unmet: tuple[UnmetLimit, ...] = ()
    goal_usd: Decimal | None = None
    latency_limit: LatencyLimit | None = None


NO_CONSTRAINTS = Constraints()
