"""Limits of a query that depend on the log: a mean of its groups, or a share of their number, as plain numbers."""

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from math import ceil

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog
from workloads.query.measure import Measure, Unit
from workloads.query.measures import MEASURES
from workloads.query.query import MAX_ROWS, ROW_NUMBERS, Filter, Having, Operator, Query, Statistic
from workloads.query.sql import build_groups, build_source, build_statistic, start_statement

DECIMALS = Decimal("1e-12")
"""The places of money in a log."""

DIGITS = 60

COUNTS = frozenset({Unit.COUNT, Unit.DAYS})


def resolve_limits(log: PricedLog, query: Query) -> Query:
    """Return a valid query in which conditions with a statistic have its value, and a share of groups is a number.

    Raises BadInput if no group has a value to compare with.
    """
    if query.limit_share is not None:
        most = max(min(ceil(query.limit_share * _count_named(log, query)), MAX_ROWS), 1)
        query = replace(query, limit=most, limit_share=None)
    plain = replace(query, having=tuple(each for each in query.having if each.than is None), order=None)
    return replace(query, having=tuple(_resolve(log, plain, each) for each in query.having))


def resolve_filters(log: PricedLog, query: Query) -> Query:
    """Return a valid query in which filters with a statistic of all requests have its value.

    Raises BadInput if no request has a value to compare with.
    """
    plain = tuple(each for each in query.where if each.than is None)
    if len(plain) == len(query.where):
        return query
    source = replace(query, where=plain)
    return replace(query, where=tuple(_resolve_filter(log, source, each) for each in query.where))


def _resolve_filter(log: PricedLog, query: Query, each: Filter) -> Filter:
    if each.than is None:
        return each
    number = f"({ROW_NUMBERS[each.field]})"
    statistic = f"avg({number})" if each.than is Statistic.MEAN else build_statistic(each.than, number)
    statement = start_statement(log)
    found = log.fetch_all(f"SELECT {statistic} FROM ({build_source(query, statement)})", statement.values)[0][0]
    if found is None:
        raise BadInput(text("No request has a value of {field} to compare with.", field=each.field))
    value = Decimal(str(found)) * Decimal(str(each.values[0]))
    return replace(each, values=(value.quantize(DECIMALS),), than=None)


def _count_named(log: PricedLog, query: Query) -> int:
    statement = start_statement(log)
    named = " AND ".join(f"d{i} IS NOT NULL" for i in range(len(query.by)))
    plain = replace(query, having=tuple(each for each in query.having if each.than is None))
    sql = f"SELECT count(*) FROM ({build_groups(plain, statement)}) WHERE {named}"
    return int(log.fetch_all(sql, statement.values)[0][0])


def _resolve(log: PricedLog, query: Query, condition: Having) -> Having:
    if condition.than is None:
        return condition
    found = _compute(log, replace(query, measures=(condition.measure,)), condition.than)
    if found is None:
        raise BadInput(text("{measure}: unknown.", measure=MEASURES[condition.measure].title))
    return replace(condition, value=_round(found * condition.value, condition), than=None)


def _round(value: Decimal, condition: Having) -> Decimal:
    """Return a limit that divides the groups as the exact one does: what has just its value is not above it."""
    if not _is_exact(MEASURES[condition.measure]):
        return value
    rounding = ROUND_FLOOR if condition.operator in (Operator.ABOVE, Operator.AT_MOST) else ROUND_CEILING
    with localcontext(prec=DIGITS):
        return value.quantize(DECIMALS, rounding).normalize()


def _is_exact(measure: Measure) -> bool:
    """Whether groups have exact figures, which add up: money, and what is counted."""
    return measure.is_sum or measure.unit in COUNTS


def _compute(log: PricedLog, query: Query, statistic: Statistic) -> Decimal | None:
    """Return a statistic of the groups that have a name; the mean of a rate is that of all requests together."""
    statement = start_statement(log)
    measure = MEASURES[query.measures[0]]
    if statistic is Statistic.MEAN and not _is_exact(measure):
        sql = f"SELECT {measure.sql} FROM ({build_source(query, statement)})"
        return _to_decimal(log.fetch_all(sql, statement.values)[0][0])
    named = " AND ".join(f"d{i} IS NOT NULL" for i in range(len(query.by)))
    wanted = "sum(m0), count(m0)" if statistic is Statistic.MEAN else build_statistic(statistic, "m0")
    sql = f"SELECT {wanted} FROM ({build_groups(query, statement)}) WHERE {named}"
    first, *count = log.fetch_all(sql, statement.values)[0]
    value = _to_decimal(first)
    return value / count[0] if value is not None and count else value


def _to_decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
