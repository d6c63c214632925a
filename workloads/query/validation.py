"""Whether a query can be asked of a log: known names, sensible sizes, and values that its fields can have."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.assumptions import is_time_zone
from workloads.query.dimensions import DIMENSIONS, Dimension, DimensionKind
from workloads.query.measures import MEASURES
from workloads.query.query import (
    MAX_DIMENSIONS,
    MAX_FILTERS,
    MAX_MEASURES,
    MAX_ROWS,
    MAX_VALUES,
    NUMBER_OPERATORS,
    ROW_NUMBERS,
    SHARE_OPERATORS,
    Filter,
    Operator,
    Query,
    Value,
)

MAX_STATISTIC_DIMENSIONS = 2
MAX_VALUE_LENGTH = 10_000  # as long as a name in a log can be
MAX_NUMBER, MAX_DIGITS = 10**15, 40
MAX_DECIMALS = 15
"""Decimal places. Written out, 1e-999999999 has a gigabyte of zeros."""
MAX_NAME_LENGTH = 300
"""Of a field or a measure that an error repeats."""


def check_query(query: Query, dimensions: Mapping[str, Dimension]) -> Query:
    """Return the query with its times in its own zone. `dimensions` are those of the log, by name.

    Raises BadInput if a name is unknown, a number too large, or parts don't go together; the message says which
    names are known.
    """
    _check_sizes(query)
    _check_names(query, dimensions)
    query = replace(query, where=tuple(_fit_filter(each, dimensions) for each in query.where))
    for condition in query.having:
        if condition.operator not in NUMBER_OPERATORS:
            raise BadInput(text("A condition on groups needs a comparison with a number."))
        _check_number(condition.value)
    if query.having and (query.statistics or not query.by):
        raise BadInput(text("A condition on groups needs a dimension to group by, and no statistics."))
    if query.statistics and not 1 <= len(query.by) <= MAX_STATISTIC_DIMENSIONS:
        raise BadInput(text("A statistic over groups needs one or two dimensions."))
    if query.limit_each is not None and (query.statistics or len(query.by) < MAX_STATISTIC_DIMENSIONS):
        raise BadInput(text("A limit for each group needs two dimensions, and no statistics."))
    if query.order is not None and query.order.by not in (*query.measures, *query.by):
        raise BadInput(text("A query can be ordered only by one of its own measures or dimensions."))
    _check_zone(query.zone)
    query = _to_local_times(query)
    if query.period.start and query.period.end and query.period.start >= query.period.end:
        raise BadInput(text("The period ends before it starts."))
    return query


def check_measures(names: Iterable[str]) -> None:
    """Raise BadInput for a measure that does not exist."""
    for name in names:
        if name not in MEASURES:
            known = ", ".join(MEASURES)
            raise BadInput(text("Unknown measure {name}. The measures are: {known}.", name=_quote(name), known=known))


def check_dimensions(names: Iterable[str], dimensions: Mapping[str, Dimension]) -> None:
    """Raise BadInput for a dimension that does not exist, or that the log lacks."""
    for name in names:
        if name in dimensions:
            continue
        known = ", ".join(dimensions)
        if name in DIMENSIONS:
            raise BadInput(text("The log has no {name}. It has: {known}.", name=name, known=known))
        raise BadInput(text("Unknown dimension {name}. The dimensions are: {known}.", name=_quote(name), known=known))


def _check_sizes(query: Query) -> None:
    if not 0 < len(query.measures) <= MAX_MEASURES or len(set(query.measures)) < len(query.measures):
        raise BadInput(text("A query has from 1 to {most} different measures.", most=MAX_MEASURES))
    if len(query.by) > MAX_DIMENSIONS or len(set(query.by)) < len(query.by):
        raise BadInput(text("A query has at most {most} different dimensions.", most=MAX_DIMENSIONS))
    if len(query.where) > MAX_FILTERS or len(query.having) > MAX_FILTERS:
        raise BadInput(text("A query has at most {most} filters.", most=MAX_FILTERS))
    if sum(len(each.values) for each in query.where) > MAX_VALUES:
        raise BadInput(text("The filters of a query have at most {most} values.", most=MAX_VALUES))
    if query.limit_share is not None and (
        not 0 < query.limit_share <= 1 or query.limit or query.limit_each or query.statistics or not query.by
    ):
        raise BadInput(text("A share of the groups is above 0 and at most 1, and needs groups without another limit."))
    if any(limit is not None and not 0 < limit <= MAX_ROWS for limit in (query.limit, query.limit_each)):
        raise BadInput(text("A query returns from 1 to {most:,} rows.", most=MAX_ROWS))
    if len(set(query.statistics)) < len(query.statistics):
        raise BadInput(text("A query names each statistic once."))


def _check_zone(zone: str) -> None:
    if not is_time_zone(zone):
        raise BadInput(text("Unknown time zone {zone}. Example: Europe/Berlin.", zone=_quote(zone)))


def _check_names(query: Query, dimensions: Mapping[str, Dimension]) -> None:
    check_measures((*query.measures, *(each.measure for each in query.having)))
    check_dimensions(
        (*query.by, *(each.field for each in query.where if each.field not in ROW_NUMBERS)),
        dimensions,
    )


def _fit_filter(each: Filter, dimensions: Mapping[str, Dimension]) -> Filter:
    """Return the filter with values of its field's type: JSON has texts for exact numbers."""
    if not each.values:
        raise BadInput(text("A filter needs a value."))
    if each.than is not None:
        return _fit_multiple(each)
    if each.operator in SHARE_OPERATORS:
        return _fit_share(each)
    kind = DimensionKind.NUMBER if each.field in ROW_NUMBERS else dimensions[each.field].kind
    is_comparison = each.operator in NUMBER_OPERATORS
    is_part = each.operator in (Operator.CONTAINS, Operator.LACKS)
    needs_name = is_part or not (is_comparison or each.field not in ROW_NUMBERS)
    if (is_comparison and kind is DimensionKind.NAME) or (needs_name and kind is not DimensionKind.NAME):
        raise BadInput(text("The filter on {field} can't be used with this comparison.", field=each.field))
    if is_comparison and None in each.values:
        raise BadInput(text("The filter on {field} needs a number.", field=each.field))
    return replace(each, values=tuple(None if v is None else _fit_value(each.field, v, kind) for v in each.values))


def _fit_multiple(each: Filter) -> Filter:
    is_one = len(each.values) == 1 and each.values[0] is not None
    if each.field not in ROW_NUMBERS or each.operator not in NUMBER_OPERATORS or not is_one:
        raise BadInput(text("The filter on {field} needs a number to compare with a statistic.", field=each.field))
    return replace(each, values=(_to_number(each.field, each.values[0] or 0),))


def _fit_share(each: Filter) -> Filter:
    shares = [_to_number(each.field, value) for value in each.values if value is not None]
    if each.field not in ROW_NUMBERS or len(shares) != len(each.values) or len(shares) != 1 or not 0 < shares[0] <= 1:
        raise BadInput(text("The filter on {field} needs a share of the requests, such as 0.1.", field=each.field))
    return replace(each, values=(shares[0],))


def _fit_value(field: str, value: str | int | Decimal, kind: DimensionKind) -> Value:
    match kind:
        case DimensionKind.DATE:
            _check_date(value)
            return str(value)
        case DimensionKind.NUMBER:
            return _to_number(field, value)
    name = str(value)
    if len(name) > MAX_VALUE_LENGTH or not _is_unicode(name):
        raise BadInput(text("A value of {field} is a text.", field=field))
    return name


def _to_number(field: str, value: str | int | Decimal) -> int | Decimal:
    try:
        number = Decimal(value[:MAX_DIGITS]) if isinstance(value, str) else value
    except InvalidOperation as error:
        raise BadInput(text("The filter on {field} needs a number.", field=field)) from error
    _check_number(number)
    return number


def _check_date(value: Value) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError as error:
        raise BadInput(text("A date is written as 2026-11-30.")) from error


def _check_number(value: int | Decimal) -> None:
    exponent = Decimal(value).as_tuple().exponent
    if not isinstance(exponent, int) or not -MAX_NUMBER < value < MAX_NUMBER:  # not an int: infinite, or no number
        raise BadInput(text("The number of a filter is too large."))
    if abs(exponent) > MAX_DECIMALS:
        raise BadInput(text("The number of a filter has too many decimal places."))


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _to_local_times(query: Query) -> Query:
    start, end = (_to_local(moment, query.zone) for moment in (query.period.start, query.period.end))
    return replace(query, period=replace(query.period, start=start, end=end))


def _to_local(moment: datetime | None, zone: str) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError as error:
        raise BadInput(text("A date is written as 2026-11-30.")) from error


def _quote(name: str) -> str:
    return repr(name[:MAX_NAME_LENGTH])
