"""A question as data, the result of the grammar and of a language model's plan; and a turn of a conversation.

Turns are recorded as JSON data, exact to the last digit, and read again."""

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from core.i18n.text import Text
from workloads.analysis.answers import to_plain
from workloads.exact_json import dump_exact, load_exact
from workloads.query.query import Having, Query


class QuestionKind(StrEnum):
    MEASURE = "measure"
    COMPARE = "compare"
    EXPLAIN = "explain"
    WHAT_IF = "what_if"
    FORECAST = "forecast"
    ANOMALIES = "anomalies"
    REQUESTS = "requests"
    REQUEST_PARTS = "request_parts"  # what the cost of one request is made of
    BUDGET = "budget"  # spend against a limit
    SAVINGS = "savings"  # what the levers find, in short
    TRUST = "trust"  # how far the figures can be trusted
    PERIOD = "period"
    REPEATS = "repeats"  # rows of the file that repeat a request
    REPORT = "report"
    CLARIFY = "clarify"
    CANNOT = "cannot"
    TALK = "talk"
    OPERATE = "operate"  # something that is done elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the things that are compared: a query and what it is called."""

    label: str
    query: Query
    log: int = 0  # which of the logs that are asked about


class SupposedChange(StrEnum):
    MODEL = "model"
    BATCH = "batch"
    TRAFFIC = "traffic"
    PRICE = "price"
    OUTPUT = "output"
    NO_CACHE = "no_cache"
    REPLACE = "replace"  # one period's spend in another


class DiscountBasis(StrEnum):
    """Whether money is asked for with the user's discount or without."""

    NET = "net"
    GROSS = "gross"


class Series(StrEnum):
    """What is shown of figures over time beside themselves."""

    RUNNING = "running"  # their sum up to then
    GROWTH = "growth"  # their change since the time before


class Contrast(StrEnum):
    """What is asked of two figures: how many times the second the first one is, or their difference."""

    TIMES = "times"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotient:
    """So much of one measure for `size` of another: errors per 1,000 requests, tokens per dollar."""

    part: str
    whole: str
    size: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """A what-if about the requests of a query. `factor` multiplies traffic, price or output length; `share` is how much
    of them it is about."""

    change: SupposedChange
    model: str | None = None
    factor: Decimal = Decimal(1)
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The first groups of the ranking before, which are only known once it was measured. `name` stands for them in the
    filters of the reading, or the period that `name` is (an ISO date, the first day of a `dimension` of time)."""

    dimension: str
    name: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a question asks for. Which fields matter depends on `kind`.

    `log` is the index of the log that is asked about. `parts` are compared, or explained from the first to the second.
    `singular`: "which team", so that the first row is the answer. `focus`: the groups that are asked for, among all.
    `is_ratio`: the first measure as a share of the
    second. `premise`: what the question takes for granted ("rise", "fall", or a value). `claimed`: how many groups the
    question says there are. `counts`: how many groups meet the query's condition is asked for. `whether`: the question
    wants a yes or a no: whether the
    first figure meets `check`, whether the first group is one of those that `claim` is about, or whether there are such
    requests at all (`exists`); `message` then says what there is not. `rank`: which place of the ranking is asked for,
    the first one if it is None. `reach`: how many of the first groups make up this share of the total. `unread` are
    words that were not understood. `series`: what is asked of figures over time. `contrast`: what is asked of a pair.
    `quotient`: what is asked of the query's first two measures. `basis`: whether the question
    names the discount. `is_relative`: yesterday or today, the log's last day, is named. `member`: whom of the ranking
    before it is about, so that it is measured afterwards. `topic` is that of small talk
    and of what cannot be answered; `message` and `choices` are shown for those and to clarify. `rest` are further
    questions in the same sentence. `language` is that of the question.
    """

    kind: QuestionKind
    query: Query = field(default_factory=Query)
    parts: tuple[Part, ...] = ()
    supposition: Supposition | None = None
    horizon: tuple[date, date] | None = None
    log: int = 0
    order_by: str = "spend"
    descending: bool = True
    dimension: str | None = None
    singular: bool = False
    together: bool = False
    focus: tuple[str | None, ...] = ()
    is_ratio: bool = False
    premise: str = ""
    claimed: int | None = None
    counts: bool = False
    whether: bool = False
    check: Having | None = None
    exists: bool = False
    claim: Query | None = None
    rank: int | None = None
    reach: Decimal | None = None
    series: Series | None = None
    contrast: Contrast | None = None
    quotient: Quotient | None = None
    basis: DiscountBasis | None = None
    is_relative: bool = False
    member: Member | None = None
    unread: tuple[str, ...] = ()
    goal_percent: Decimal | None = None
    goal_usd: Decimal | None = None
    keep: tuple[str, ...] = ()
    guard: str = ""
    topic: str = ""
    message: Text | None = None
    choices: tuple[str, ...] = ()
    rest: tuple["Reading", ...] = ()
    language: str = ""
    is_fragment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An earlier question, and the value that its answer was about, if it was about one: "code-review" by feature."""

    reading: Reading
    subject: tuple[str, str] | None = None


_ADAPTER = TypeAdapter(Turn)


def dump_turn(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON data."""
    data: dict[str, Any] = json.loads(dump_exact(to_plain(turn)))
    return data


def load_turn(data: dict[str, Any]) -> Turn:
    """Return the turn that `dump_turn` has converted. Raises ValueError for anything else."""
    return _ADAPTER.validate_python(load_exact(json.dumps(data)))
