"""The spend of a log at each request's prices: total, by bucket, model and feature, and over time, in exact USD."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from workloads.analysis.granularity import measure_extent
from workloads.analysis.priced_log import PricedLog, Row
from workloads.pricing.prices import OTHERS

MAX_PARTS = 50
PERIODS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(hours=3), "minute"),
    (timedelta(days=3), "hour"),
    (timedelta(days=400), "day"),
    (timedelta.max, "month"),
)
"""The longest span of a log for each size of the buckets of its spend over time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendPart:
    """A part of the spend. `name` is from the log, None if it has none; `names` is how many names it sums up.

    `requests` is None if rows sum up an unknown number. `stated` is the part of `cost` that the log states.
    """

    name: str | None
    requests: int | None
    tokens: int
    cost: Decimal
    names: int = 1
    stated: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendInterval:
    start: datetime
    requests: int | None
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBuckets:
    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpend:
    """The spend. `total` is of priced requests, plus `stated`: the log's own cost of `stated_requests`, of models
    without a price. `logged` is the log's own cost of priced requests, never used. The buckets sum to the total without
    `stated`.

    by_model and by_feature begin with the largest parts; "(all others)" ends a list that was too long. Without times
    `period` is None and `over_time` is empty.
    """

    total: Decimal
    priced_requests: int | None
    unpriced_requests: int | None
    buckets: CostBuckets
    logged: Decimal | None
    logged_requests: int | None
    stated: Decimal
    stated_requests: int | None
    by_model: tuple[SpendPart, ...]
    by_feature: tuple[SpendPart, ...]
    period: str | None
    over_time: tuple[SpendInterval, ...]

    @property
    def costed_requests(self) -> int | None:
        """How many requests `total` is of; None if rows sum up an unknown number."""
        if self.priced_requests is None or self.stated_requests is None:
            return None
        return self.priced_requests + self.stated_requests


def count_requests(where: str = "true") -> str:
    """Return SQL for the number of requests that the rows are, or sum up; NULL if one sums up an unknown number."""
    return f"""CASE WHEN count(*) FILTER ({where}) = count(requests) FILTER ({where})
        THEN coalesce(sum(requests) FILTER ({where}), 0)::BIGINT END"""


def compute_spend(log: PricedLog) -> LogSpend:
    total, stated, priced, by_log, unpriced, fresh, read, write, output, logged, both = log.fetch_one(
        f"""SELECT coalesce(sum(spend), 0), coalesce(sum(stated_cost), 0), {count_requests("cost IS NOT NULL")},
            {count_requests("stated_cost IS NOT NULL")}, {count_requests("spend IS NULL")},
            coalesce(sum((fresh_input * p_fresh + audio_input * (p_audio_input - p_fresh)
                + image_input * (p_image_input - p_fresh))::DECIMAL(24,12)), 0),
            coalesce(sum((cache_read * p_read + audio_read * (p_audio_read - p_read))::DECIMAL(24,12)), 0),
            coalesce(sum((cache_write * p_write + cache_write_1h * (p_write_1h - p_write))::DECIMAL(24,12)), 0),
            coalesce(sum(cost_output), 0),
            sum(logged_cost) FILTER (cost IS NOT NULL), {count_requests("cost IS NOT NULL AND logged_cost IS NOT NULL")}
        FROM priced"""
    )
    period = _choose_period(log) if log.has_times else None
    return LogSpend(
        total=total,
        priced_requests=priced,
        unpriced_requests=unpriced,
        buckets=CostBuckets(fresh_input=fresh, cache_read=read, cache_write=write, output=output),
        logged=logged,
        logged_requests=both,
        stated=stated,
        stated_requests=by_log,
        by_model=tuple(_list_parts(log, "model")),
        by_feature=tuple(_list_parts(log, "feature")) if log.has_columns("feature") else (),
        period=period,
        over_time=tuple(_list_intervals(log, period)) if period else (),
    )


def _list_parts(log: PricedLog, column: str) -> Iterable[SpendPart]:
    """Return the largest MAX_PARTS parts, and the rest as one."""
    rows = log.fetch_all(
        f"""WITH parts AS (
            SELECT {column} AS name, {count_requests()} AS n, sum(input + output)::BIGINT AS tokens,
                coalesce(sum(spend), 0) AS paid, coalesce(sum(stated_cost), 0) AS stated
            FROM priced GROUP BY {column}),
        places AS (SELECT *, row_number() OVER (ORDER BY paid DESC, tokens DESC, name) AS place FROM parts)
        SELECT least(place, {MAX_PARTS + 1}) AS shown, min(name),
            CASE WHEN count(*) = count(n) THEN sum(n)::BIGINT END, sum(tokens)::BIGINT, sum(paid),
            count(*), sum(stated)
        FROM places GROUP BY shown ORDER BY shown"""
    )
    for place, name, requests, tokens, cost, names, stated in rows:
        yield SpendPart(
            name=OTHERS if place > MAX_PARTS else name,
            requests=requests,
            tokens=tokens,
            cost=cost,
            names=names,
            stated=stated,
        )


def _choose_period(log: PricedLog) -> str:
    """Return the size of the buckets: by the log's span, but not smaller than the periods of sums."""
    extent = measure_extent(log)
    names = [name for _, name in PERIODS]
    finest = names.index(extent.grain) if extent.grain else 0
    fitting = (place for place, (longest, _) in enumerate(PERIODS) if extent.end - extent.first <= longest)
    return names[max(next(fitting), finest)]


def _list_intervals(log: PricedLog, period: str) -> Iterable[SpendInterval]:
    rows: list[Row] = log.fetch_all(
        f"""SELECT date_trunc('{period}', "at")::TIMESTAMP AS start, {count_requests()}, coalesce(sum(spend), 0)
        FROM priced GROUP BY start ORDER BY start"""
    )
    return (SpendInterval(start=start, requests=requests, cost=cost) for start, requests, cost in rows)
