"""The estimate of a lever: a saving that always carries its basis, never a bare number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.i18n.text import Text


class Basis(StrEnum):
    """How a figure was found."""

    OBSERVED = "observed"  # arithmetic on the log
    MODELLED = "modelled"  # a replay or formula; the assumptions are listed
    NEEDS_EVALUATION = "needs evaluation"  # a usage log can't show it, e.g. answer quality after a change of model
    UNKNOWN = "unknown"  # the columns cannot support it


class Bound(StrEnum):
    ESTIMATE = "estimate"
    UPPER = "upper bound"
    LOWER = "lower bound"


Number = int | float | Decimal
DisplayValue = Number | str | Text
"""A str is a name from the log or the price list. A Text is a str to mypy; pydantic needs it here to restore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An observed or computed value that an estimate is based on. `unit`: USD, tokens, requests, share, s, ..."""

    label: Text
    value: DisplayValue
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A figure that the log cannot give, and the column that is needed for it."""

    what: Text
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """A step of a plan. `effort` and `risk`: "low", "medium" or "high", each with a short reason after a dash."""

    step: Text
    effort: Text
    risk: Text
    undo: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a lever asks the user, because no log can show it: may it change the requests of `scope`, a name of the log?

    `finding` describes the scope, `saving` is what a yes saves in USD, of this lever alone. `answer`: None if open.
    `replies`: sentences in English that answer "yes" or "no", and that "forget" the answer.
    """

    lever: str
    scope: str
    question: Text
    finding: Text
    saving: Decimal
    answer: bool | None
    replies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuestion:
    """A number that a lever asks the user for, because no log has it: of `scope`, a name of the log or of the lever.

    `finding` says what the log shows instead, None if nothing.
    `answer`: None if open. `replies`: messages in English: the one that gives the "value", with {value} in place of the
    number, and the one that takes it back ("forget").
    """

    lever: str
    scope: str
    question: Text
    unit: str
    answer: Decimal | None
    replies: Mapping[str, str]
    finding: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one lever saves on one log. `saving` is in USD over the log's own span, None if unknown.

    `headline` is False if the saving is excluded from totals and waterfall (upper bounds, unevaluated quality).
    `formula` describes how the saving is computed, or would be if the log had the columns. `details` are the rows of a
    table, such as by TTL or by feature; columns whose names end in _usd hold money. `headings` are the columns' titles.
    `questions` are put to the user; the savings of open ones are in no total. `quantities` are numbers to ask for.
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
    questions: tuple[Question, ...] = ()
    quantities: tuple[NumberQuestion, ...] = ()
