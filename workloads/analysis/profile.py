"""The profile of a log: its extent, tokens by bucket, distributions, peaks and errors. Everything here is observed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from core.i18n.text import Text, text
from workloads.analysis.estimate import Unknown
from workloads.analysis.granularity import (
    explain_missing_error_rate,
    explain_missing_latency,
    has_first_token,
    measure_extent,
)
from workloads.analysis.priced_log import PricedLog


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpan:
    """The span of a log and the number of its models. Times are UTC, None if the log has none; with a relative clock
    they count from 1970-01-01. The period of the last sum of requests belongs to the span."""

    first: datetime | None
    last: datetime | None
    span_seconds: float | None
    models: int


def measure_span(log: PricedLog) -> LogSpan:
    (models,) = log.fetch_one("SELECT count(DISTINCT model) FROM log.requests")
    if not log.has_times:
        return LogSpan(first=None, last=None, span_seconds=None, models=models)
    extent = measure_extent(log)
    return LogSpan(
        first=extent.first.replace(tzinfo=UTC),
        last=extent.last.replace(tzinfo=UTC),
        span_seconds=(extent.end - extent.first).total_seconds(),
        models=models,
    )


MAX_ERRORS = 10

OPTIONAL_COLUMNS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "at": ("time", text("time span, peak, spend over time and cache lifetimes")),
        "latency_ms": ("latency_ms", text("latency, and how changes affect it")),
        "first_token_ms": ("first_token_ms", text("time to first token")),
        "ok": ("status", text("error rate")),
        "feature": ("feature", text("spend by feature")),
    }
)
"""Our columns, their fields (as in `--map`), and the figures that need them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTotals:
    """Tokens in disjoint buckets; `input` is the sum of the first three."""

    fresh_input: int
    cache_read: int
    cache_write: int
    output: int
    input: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Percentiles, interpolated linearly (type 7, like numpy and DuckDB's quantile_cont)."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The requests in the busiest minute, against the mean of all minutes, empty ones included."""

    minute: datetime
    requests: int
    mean: float
    to_mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCount:
    error: str | None
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Times are UTC; with a relative clock they count from 1970-01-01. Latencies are in ms, None if not logged.

    `requests` are those that the rows are, or sum up; None if that is unknown. The percentiles of tokens are None on
    sums; first, last, span_seconds and peak are None if the log has no times.
    """

    rows: int
    requests: int | None
    first: datetime | None
    last: datetime | None
    relative_clock: bool
    span_seconds: float | None
    tokens: TokenTotals
    input_tokens: Percentiles | None
    output_tokens: Percentiles | None
    latency_ms: Percentiles | None
    first_token_ms: Percentiles | None
    peak: Peak | None
    error_rate: float | None
    errors: tuple[ErrorCount, ...]
    unknowns: tuple[Unknown, ...]


def build_profile(log: PricedLog) -> Profile:
    rows, fresh, read, write, output, errors, finished = log.fetch_one(
        """SELECT count(*), sum(fresh_input)::BIGINT, sum(cache_read)::BIGINT, sum(cache_write)::BIGINT,
            sum(output)::BIGINT, count(*) FILTER (NOT ok), count(ok)
        FROM log.requests"""
    )
    extent = measure_extent(log) if log.has_times else None
    return Profile(
        rows=rows,
        requests=log.source.requests,
        first=extent.first if extent else None,
        last=extent.last if extent else None,
        relative_clock=log.source.relative_clock,
        span_seconds=(extent.end - extent.first).total_seconds() if extent else None,
        tokens=TokenTotals(
            fresh_input=fresh, cache_read=read, cache_write=write, output=output, input=fresh + read + write
        ),
        input_tokens=None if log.has_sums else _compute_percentiles(log, "fresh_input + cache_read + cache_write"),
        output_tokens=None if log.has_sums else _compute_percentiles(log, "output"),
        latency_ms=None if explain_missing_latency(log) else _compute_percentiles(log, "latency_ms"),
        first_token_ms=_compute_percentiles(log, "first_token_ms") if has_first_token(log) else None,
        peak=_find_peak(log, rows) if log.has_times and not log.has_sums else None,
        error_rate=None if explain_missing_error_rate(log) else errors / finished,
        errors=_count_errors(log),
        unknowns=_list_unknowns(log),
    )


def _compute_percentiles(log: PricedLog, value: str) -> Percentiles:
    (quantiles,) = log.fetch_one(f"SELECT quantile_cont({value}, [0.5, 0.95, 0.99]) FROM log.requests")
    p50, p95, p99 = (float(quantile) for quantile in quantiles)
    return Percentiles(p50=p50, p95=p95, p99=p99)


def _find_peak(log: PricedLog, rows: int) -> Peak:
    minute, requests, minutes = log.fetch_one(
        """WITH minutes AS (SELECT date_trunc('minute', "at") AS minute, count(*) AS n FROM log.requests GROUP BY 1)
        SELECT arg_max(minute, n ORDER BY minute), max(n), date_diff('minute', min(minute), max(minute)) + 1
        FROM minutes"""
    )
    mean = rows / minutes
    return Peak(minute=minute, requests=requests, mean=mean, to_mean=requests / mean)


def _count_errors(log: PricedLog) -> tuple[ErrorCount, ...]:
    rows: list[tuple[Any, ...]] = log.fetch_all(
        f"""SELECT error, count(*) AS n FROM log.requests WHERE NOT ok
        GROUP BY error ORDER BY n DESC, error LIMIT {MAX_ERRORS}"""
    )
    return tuple(ErrorCount(error=error, requests=n) for error, n in rows)


def _list_unknowns(log: PricedLog) -> tuple[Unknown, ...]:
    missing = {column: what for column, (_, what) in OPTIONAL_COLUMNS.items() if not log.has_columns(column)}
    if "latency_ms" not in missing and (why := explain_missing_latency(log)) is not None:
        missing["latency_ms"] = text("latency, and how changes affect it: {why}", why=why)
    if (why := explain_missing_error_rate(log)) is not None:
        missing["ok"] = why
    return tuple(
        Unknown(what=missing[column], column=OPTIONAL_COLUMNS[column][0])
        for column in OPTIONAL_COLUMNS
        if column in missing
    )
