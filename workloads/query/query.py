"""The typed query: what to measure, by which dimensions, of which requests.

A query holds no SQL and no words of the user except values, which are bound as parameters. It is the same for the
tools, REST, the offline planner and a language model."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import ConfigDict

MAX_MEASURES, MAX_DIMENSIONS, MAX_FILTERS, MAX_VALUES, MAX_ROWS = 12, 3, 20, 200, 1000
"""Of one query. `MAX_VALUES` are those of all its filters together, `MAX_ROWS` those that it returns."""

Value = str | int | Decimal | None
"""A value of a filter. None stands for requests without a value."""

STRICT = ConfigDict(extra="forbid")
"""What the caller misspelt is an error, never ignored. For pydantic, which reads queries from JSON."""


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    LACKS = "lacks"
    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"


NUMBER_OPERATORS = frozenset({Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST})

ROW_NUMBERS: dict[str, str] = {
    "input_tokens": "fresh_input + cache_read + cache_write",
    "output_tokens": "output",
    "tokens": "fresh_input + cache_read + cache_write + output",
    "cached_tokens": "cache_read",
    "spend": "spend",
    "latency_ms": "latency_ms",
    "first_token_ms": "first_token_ms",
}
"""The numbers of single requests that a filter can compare, and their SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on requests: `field` is a dimension, or a key of ROW_NUMBERS for the operators that compare numbers.

    Several values are alternatives. Dates are ISO texts: the first day of the period.
    """

    __pydantic_config__ = STRICT

    field: str
    operator: Operator = Operator.IS
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """A condition on groups: only those whose `measure` compares like this are shown."""

    __pydantic_config__ = STRICT

    measure: str
    operator: Operator
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` to before `end`, in the time zone of the query; None: without that end."""

    __pydantic_config__ = STRICT

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By a measure or a dimension of the query."""

    __pydantic_config__ = STRICT

    by: str
    descending: bool = True


class Statistic(StrEnum):
    """A statistic over groups, such as the median customer's spend."""

    MEAN = "mean"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    LEAST = "min"
    MOST = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question about one log.

    `zone` is the time zone of days and periods; empty: that of the log. `limit` keeps the first groups by `order`; all
    others are one row. `limit_each` keeps the first groups of each value of the first dimension. `shares` adds each
    group's share of the total. `statistics` are computed over the groups, which are then not listed: with two
    dimensions, over the groups of the second one for each value of the first.
    """

    __pydantic_config__ = STRICT

    measures: tuple[str, ...] = ("spend",)
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    having: tuple[Having, ...] = ()
    period: Period = Period()
    zone: str = ""
    order: Order | None = None
    limit: int | None = None
    limit_each: int | None = None
    shares: bool = False
    statistics: tuple[Statistic, ...] = ()
