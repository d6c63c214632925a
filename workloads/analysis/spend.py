"""What a log cost, in the request's prices: in all, by bucket, by model, by feature and over time. Exact USD."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from workloads.ledger import Ledger, Row
from workloads.prices import OTHERS

MOST_PARTS = 50
PERIODS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(hours=3), "minute"),
    (timedelta(days=3), "hour"),
    (timedelta(days=400), "day"),
    (timedelta.max, "month"),
)
"""Longest span of a log and the buckets that its spend over time is shown in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A share of the spend. `name` is the log's own word, None where the log does not say; `names`: of how many."""

    name: str | None
    requests: int
    tokens: int
    cost: Decimal
    names: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    start: datetime
    requests: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """`total` is of priced requests only; `logged` is what the log itself says of the same requests, never used.

    by_model and by_feature hold the dearest parts first; `name` "(all others)" ends a list that was too long.
    Without times `period` is None and `over_time` empty.
    """

    total: Decimal
    priced_requests: int
    unpriced_requests: int
    buckets: Buckets
    logged: Decimal | None
    logged_requests: int
    by_model: tuple[Part, ...]
    by_feature: tuple[Part, ...]
    period: str | None
    over_time: tuple[Moment, ...]


def spend(ledger: Ledger) -> Spend:
    total, priced, rows, fresh, read, write, output, logged, both = ledger.one(
        """SELECT coalesce(sum(cost), 0), count(cost), count(*),
            coalesce(sum((fresh_input * p_fresh)::DECIMAL(24,12)), 0),
            coalesce(sum((cache_read * p_read)::DECIMAL(24,12)), 0),
            coalesce(sum((cache_write * p_write)::DECIMAL(24,12)), 0), coalesce(sum(cost_output), 0),
            sum(logged_cost) FILTER (cost IS NOT NULL), count(logged_cost) FILTER (cost IS NOT NULL)
        FROM priced"""
    )
    period = _period(ledger) if ledger.timed else None
    return Spend(
        total=total,
        priced_requests=priced,
        unpriced_requests=rows - priced,
        buckets=Buckets(fresh_input=fresh, cache_read=read, cache_write=write, output=output),
        logged=logged,
        logged_requests=both,
        by_model=tuple(_parts(ledger, "model")),
        by_feature=tuple(_parts(ledger, "feature")) if ledger.has("feature") else (),
        period=period,
        over_time=tuple(_moments(ledger, period)) if period else (),
    )


def _parts(ledger: Ledger, column: str) -> Iterable[Part]:
    """The dearest MOST_PARTS, the rest in one."""
    rows = ledger.all(
        f"""WITH parts AS (
            SELECT {column} AS name, count(*) AS n, sum(input + output)::BIGINT AS tokens,
                coalesce(sum(cost), 0) AS paid
            FROM priced GROUP BY {column}),
        places AS (SELECT *, row_number() OVER (ORDER BY paid DESC, tokens DESC, name) AS place FROM parts)
        SELECT least(place, {MOST_PARTS + 1}) AS shown, min(name), sum(n)::BIGINT, sum(tokens)::BIGINT, sum(paid),
            count(*)
        FROM places GROUP BY shown ORDER BY shown"""
    )
    for place, found, requests, tokens, cost, names in rows:
        name = OTHERS if place > MOST_PARTS else found
        yield Part(name=name, requests=requests, tokens=tokens, cost=cost, names=names)


def _period(ledger: Ledger) -> str:
    first, last = ledger.one('SELECT min("at"), max("at") FROM log.requests')
    return next(name for longest, name in PERIODS if last - first <= longest)


def _moments(ledger: Ledger, period: str) -> Iterable[Moment]:
    rows: list[Row] = ledger.all(
        f"""SELECT date_trunc('{period}', "at")::TIMESTAMP AS start, count(*), coalesce(sum(cost), 0)
        FROM priced GROUP BY start ORDER BY start"""
    )
    return (Moment(start=start, requests=requests, cost=cost) for start, requests, cost in rows)
