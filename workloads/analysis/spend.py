"""The spend of a log, at each request's prices: in all, by bucket, by model, by feature and over time. Exact USD."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from workloads.analysis.priced_log import PricedLog, Row
from workloads.pricing.prices import OTHERS

MAX_PARTS = 50
PERIODS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(hours=3), "minute"),
    (timedelta(days=3), "hour"),
    (timedelta(days=400), "day"),
    (timedelta.max, "month"),
)
"""Longest span of a log and the buckets that its spend over time is shown in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendPart:
    """A share of the spend. `name` is the log's own word, None where the log does not say; `names`: of how many."""

    name: str | None
    requests: int
    tokens: int
    cost: Decimal
    names: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendInterval:
    start: datetime
    requests: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBuckets:
    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpend:
    """`total` is of priced requests only; `logged` is what the log itself says of the same requests, never used.

    by_model and by_feature hold the dearest parts first; `name` "(all others)" ends a list that was too long.
    Without times `period` is None and `over_time` empty.
    """

    total: Decimal
    priced_requests: int
    unpriced_requests: int
    buckets: CostBuckets
    logged: Decimal | None
    logged_requests: int
    by_model: tuple[SpendPart, ...]
    by_feature: tuple[SpendPart, ...]
    period: str | None
    over_time: tuple[SpendInterval, ...]


def compute_spend(ledger: PricedLog) -> LogSpend:
    total, priced, rows, fresh, read, write, output, logged, both = ledger.fetch_one(
        """SELECT coalesce(sum(cost), 0), count(cost), count(*),
            coalesce(sum((fresh_input * p_fresh)::DECIMAL(24,12)), 0),
            coalesce(sum((cache_read * p_read)::DECIMAL(24,12)), 0),
            coalesce(sum((cache_write * p_write)::DECIMAL(24,12)), 0), coalesce(sum(cost_output), 0),
            sum(logged_cost) FILTER (cost IS NOT NULL), count(logged_cost) FILTER (cost IS NOT NULL)
        FROM priced"""
    )
    period = _choose_period(ledger) if ledger.has_times else None
    return LogSpend(
        total=total,
        priced_requests=priced,
        unpriced_requests=rows - priced,
        buckets=CostBuckets(fresh_input=fresh, cache_read=read, cache_write=write, output=output),
        logged=logged,
        logged_requests=both,
        by_model=tuple(_list_parts(ledger, "model")),
        by_feature=tuple(_list_parts(ledger, "feature")) if ledger.has_columns("feature") else (),
        period=period,
        over_time=tuple(_list_intervals(ledger, period)) if period else (),
    )


def _list_parts(ledger: PricedLog, column: str) -> Iterable[SpendPart]:
    """The dearest MOST_PARTS, the rest in one."""
    rows = ledger.fetch_all(
        f"""WITH parts AS (
            SELECT {column} AS name, count(*) AS n, sum(input + output)::BIGINT AS tokens,
                coalesce(sum(cost), 0) AS paid
            FROM priced GROUP BY {column}),
        places AS (SELECT *, row_number() OVER (ORDER BY paid DESC, tokens DESC, name) AS place FROM parts)
        SELECT least(place, {MAX_PARTS + 1}) AS shown, min(name), sum(n)::BIGINT, sum(tokens)::BIGINT, sum(paid),
            count(*)
        FROM places GROUP BY shown ORDER BY shown"""
    )
    for place, found, requests, tokens, cost, names in rows:
        name = OTHERS if place > MAX_PARTS else found
        yield SpendPart(name=name, requests=requests, tokens=tokens, cost=cost, names=names)


def _choose_period(ledger: PricedLog) -> str:
    first, last = ledger.fetch_one('SELECT min("at"), max("at") FROM log.requests')
    return next(name for longest, name in PERIODS if last - first <= longest)


def _list_intervals(ledger: PricedLog, period: str) -> Iterable[SpendInterval]:
    rows: list[Row] = ledger.fetch_all(
        f"""SELECT date_trunc('{period}', "at")::TIMESTAMP AS start, count(*), coalesce(sum(cost), 0)
        FROM priced GROUP BY start ORDER BY start"""
    )
    return (SpendInterval(start=start, requests=requests, cost=cost) for start, requests, cost in rows)
