"""The typed query: what to measure, by which dimensions, of which requests.

A query holds no SQL and no words of the user except values, which are bound as parameters. It is the same for the
tools, REST, the offline planner and a language model."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import MEASURES

MAX_MEASURES, MAX_DIMENSIONS, MAX_FILTERS, MAX_VALUES, MAX_ROWS = 12, 3, 20, 200, 1000
MAX_VALUE_LENGTH = 1000

Value = str | int | Decimal | None
"""A value of a filter. None stands for requests without a value."""


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
    "spend": "cost",
    "latency_ms": "latency_ms",
    "first_token_ms": "first_token_ms",
}
"""The numbers of single requests that a filter can compare, and their SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on requests: `field` is a dimension, or a key of ROW_NUMBERS for the operators that compare numbers.

    Several values are alternatives. Dates are ISO texts: the first day of the period.
    """

    field: str
    operator: Operator = Operator.IS
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """A condition on groups: only those whose `measure` compares like this are shown."""

    measure: str
    operator: Operator
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` to before `end`, in the time zone of the query; None: without that end."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By a measure or a dimension of the query."""

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

    `limit` keeps the first groups by `order`; all others are one row. `shares` adds each group's share of the total.
    `statistics` are computed over the groups, which are then not listed.
    """

    measures: tuple[str, ...] = ("spend",)
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    having: tuple[Having, ...] = ()
    period: Period = Period()
    zone: str = "UTC"
    order: Order | None = None
    limit: int | None = None
    shares: bool = False
    statistics: tuple[Statistic, ...] = ()


def check_query(query: Query) -> None:
    """Raise BadInput if a name is unknown, a number too large, or parts don't go together."""
    _check_names(query)
    _check_sizes(query)
    for each in query.where:
        _check_filter(each)
    for condition in query.having:
        if condition.operator not in NUMBER_OPERATORS or not condition.value.is_finite():
            raise BadInput(text("A condition on groups needs a comparison with a number."))
    if query.statistics and len(query.by) != 1:
        raise BadInput(text("A statistic over groups needs exactly one dimension."))
    if query.order is not None and query.order.by not in (*query.measures, *query.by):
        raise BadInput(text("A query can be ordered only by one of its own measures or dimensions."))
    if query.zone not in available_timezones():
        raise BadInput(text("Unknown time zone {zone}. Example: Europe/Berlin.", zone=repr(query.zone)))
    if query.period.start and query.period.end and query.period.start >= query.period.end:
        raise BadInput(text("The period ends before it starts."))


def get_zone(query: Query) -> ZoneInfo:
    return ZoneInfo(query.zone)


def _check_names(query: Query) -> None:
    used = (*query.measures, *(each.measure for each in query.having))
    unknown = [name for name in used if name not in MEASURES]
    if unknown:
        known = ", ".join(MEASURES)
        raise BadInput(text("Unknown measure {name}. The measures are: {known}.", name=repr(unknown[0]), known=known))
    fields = (*query.by, *(each.field for each in query.where if each.field not in ROW_NUMBERS))
    unknown = [name for name in fields if name not in DIMENSIONS]
    if unknown:
        known = ", ".join(DIMENSIONS)
        raise BadInput(
            text("Unknown dimension {name}. The dimensions are: {known}.", name=repr(unknown[0]), known=known)
        )


def _check_sizes(query: Query) -> None:
    if not 0 < len(query.measures) <= MAX_MEASURES:
        raise BadInput(text("A query has from 1 to {most} measures.", most=MAX_MEASURES))
    if len(query.by) > MAX_DIMENSIONS or len(set(query.by)) < len(query.by):
        raise BadInput(text("A query has at most {most} different dimensions.", most=MAX_DIMENSIONS))
    if len(query.where) > MAX_FILTERS or len(query.having) > MAX_FILTERS:
        raise BadInput(text("A query has at most {most} filters.", most=MAX_FILTERS))
    if query.limit is not None and not 0 < query.limit <= MAX_ROWS:
        raise BadInput(text("A query returns from 1 to {most:,} rows.", most=MAX_ROWS))


def _check_filter(each: Filter) -> None:
    if not 0 < len(each.values) <= MAX_VALUES:
        raise BadInput(text("A filter has from 1 to {most} values.", most=MAX_VALUES))
    if any(isinstance(value, str) and len(value) > MAX_VALUE_LENGTH for value in each.values):
        raise BadInput(text("A value of a filter is at most {most:,} characters long.", most=MAX_VALUE_LENGTH))
    is_comparison = each.operator in NUMBER_OPERATORS
    if is_comparison and not all(isinstance(value, int | Decimal) for value in each.values):
        raise BadInput(text("The filter on {field} needs a number.", field=each.field))
    if is_comparison != (each.field in ROW_NUMBERS) and not (is_comparison and DIMENSIONS[each.field].is_time):
        raise BadInput(text("The filter on {field} can't be used with this comparison.", field=each.field))


def to_date_value(day: date) -> str:
    """Return a day as the value of a filter on a time dimension."""
    return day.isoformat()
