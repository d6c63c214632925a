"""The estimate of a lever: a saving that always carries its basis, never a bare number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.i18n.text import Text


class Basis(StrEnum):
    """Where a figure comes from (domain.md)."""

    OBSERVED = "observed"  # arithmetic on the log
    MODELLED = "modelled"  # a replay or formula; the assumptions are listed
    NEEDS_EVALUATION = "needs evaluation"  # a usage log cannot tell, e.g. answer quality after a change of model
    UNKNOWN = "unknown"  # the columns cannot support it


class Bound(StrEnum):
    ESTIMATE = "estimate"
    UPPER = "upper bound"
    LOWER = "lower bound"


Number = int | float | Decimal
DisplayValue = Number | str | Text
"""A str is a name of the log's or the price list's. A Text is a str to mypy; pydantic must know of it to revive it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observed or computed value that an estimate rests on. `unit`: USD, tokens, requests, share, s, ..."""

    label: Text
    value: DisplayValue
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A figure that the log cannot give, and the column that would give it."""

    what: Text
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """effort and risk: "low", "medium" or "high" in any language, each with a short reason after a dash."""

    step: Text
    effort: Text
    risk: Text
    undo: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One lever on one log. `saving` is in USD over the log's own span; None where it is unknown.

    `headline` is False where the saving must stay out of totals and waterfall (upper bounds, unevaluated quality).
    `formula` says how the saving is computed, or would be if the log had the columns. `details` are the rows of one
    table, e.g. by TTL or by feature; a column that ends in _usd is money. `headings` are what its columns are called.
    """

    name: str
    title: Text
    saving: Decimal | None
    basis: Basis
    bound: Bound
    headline: bool
    formula: Text
    assumptions: tuple[Text, ...]
    evidence: tuple[Evidence, ...]
    unknowns: tuple[Unknown, ...]
    steps: tuple[PlanStep, ...]
    details: tuple[Mapping[str, DisplayValue], ...] = ()
    headings: Mapping[str, Text] = field(default_factory=dict)
