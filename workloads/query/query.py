"""The typed query, as data: what to measure, by which dimensions, of which requests; and each question's arguments.

A query holds no SQL and no words of the user except values, which are bound as parameters. It is the same for the
tools, REST, the offline planner and a language model."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from workloads.pricing.own_prices import MAX_NAME_LENGTH

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
    HIGHEST = "highest"
    LOWEST = "lowest"


NUMBER_OPERATORS = frozenset({Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST})

SHARE_OPERATORS = frozenset({Operator.HIGHEST, Operator.LOWEST})
"""The requests with the highest, or lowest, of a number. The value is how many of all of them that have it, as a
fraction: 0.1 for the slowest tenth."""

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
class Filter:
    """A condition on requests: `field` is a dimension, or a key of ROW_NUMBERS for the operators that compare numbers.

    Several values are alternatives. Dates are ISO texts: the first day of the period. With `than`, the value is a
    factor of that statistic of the number over all requests that the query's other filters let through.
    """

    __pydantic_config__ = STRICT

    field: str
    operator: Operator = Operator.IS
    values: tuple[Value, ...]
    than: Statistic | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """A condition on groups: only those with a name whose `measure` compares like this with `value` are shown.

    With `than`, `value` is a factor of that statistic: more than 2 × the mean. It is that of the groups that have a
    value, but for a rate, such as the cost per request, the mean is the rate of all requests together.
    """

    __pydantic_config__ = STRICT

    measure: str
    operator: Operator
    value: Decimal
    than: Statistic | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question about one log.

    `zone` is the time zone of days and periods; empty: that of the log. `limit` keeps the first groups by `order`; all
    others are one row; so does `limit_share`, a fraction of the groups that have a name. Requests without a name are
    never among the first. `limit_each` keeps the first groups of each value of the first dimension. `shares` adds each
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
    limit_share: Decimal | None = None
    limit_each: int | None = None
    shares: bool = False
    statistics: tuple[Statistic, ...] = ()


Factor = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=12)]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=12)]


class QueryArguments(BaseModel):
    """Base of the arguments of a question: the same for tools, REST and the cache. They are read from JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class MeasureArguments(QueryArguments):
    query: Query


class ChangeArguments(QueryArguments):
    """The two sets of requests whose spend differs. Their measures and dimensions don't matter."""

    before: Query
    after: Query


class DescribeArguments(QueryArguments):
    """Nothing more needs to be said."""


class SuppositionKind(StrEnum):
    """What is supposed to be different. NONE changes nothing."""

    NONE = "none"
    MODEL = "model"
    BATCH = "batch"
    TRAFFIC = "traffic"
    PRICE = "price"
    OUTPUT = "output"
    NO_CACHE = "no_cache"


class WhatIfArguments(QueryArguments):
    """`model` is that of the price list for MODEL; `factor` multiplies traffic, prices or the length of outputs.

    `share` is how much of the requests changes, of the same mix as all of them.
    """

    query: Query
    change: SuppositionKind
    model: str | None = Field(default=None, min_length=1, max_length=MAX_NAME_LENGTH)
    factor: Factor = Decimal(1)
    share: Share = Decimal(1)


class ForecastArguments(QueryArguments):
    """From the day `start` to before the day `end`, in the query's time zone."""

    query: Query
    start: date
    end: date


class AnomaliesArguments(QueryArguments):
    """Unusual days of the query's first measure, for each value of `dimension` if there is one."""

    query: Query
    dimension: str | None = Field(default=None, max_length=MAX_NAME_LENGTH)


class RequestsArguments(QueryArguments):
    """Single requests in the order of a column, from the one at `offset`."""

    query: Query
    order_by: str = Field(default="spend", max_length=50)
    descending: bool = True
    limit: int = Field(default=10, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class ExplainRequestArguments(QueryArguments):
    """The first request by a column, of which the cost is explained."""

    query: Query
    order_by: str = Field(default="spend", max_length=50)
    descending: bool = True
