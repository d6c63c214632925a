"""The granularity of a log: one row per request, or totals of several requests. Latency, error rates and savings that
depend on single requests are reported only for the former.

Many exports have a row for each day, hour or model, whose "latency" is the length of the day. No guard and no saving
can be based on those. If a log lacks a column, the reason names it."""

import re
from dataclasses import dataclass

from core.i18n.text import Text, plural_text, text
from workloads.analysis.priced_log import PricedLog

REQUEST_COUNT_COLUMNS = frozenset(
    {
        *("requests", "num_requests", "n_requests", "request_count", "requests_count", "total_requests"),
        *("api_requests",),
        *("num_model_requests", "model_requests", "successful_requests", "failed_requests", "number_of_requests"),
        *("calls", "num_calls", "n_calls", "call_count", "total_calls", "invocations", "invocation_count", "count"),
    }
)
"""Names of columns, in lower case, that say how many requests a row sums up."""

QUARTER_HOUR_SECONDS = 900  # time buckets begin at full quarters of an hour, single requests do not
MAX_REQUEST_TOKENS = 20_000_000  # in one request: twice the longest context of any model
MAX_MEDIAN_MS = 600_000  # providers abort requests earlier than that
MAX_MISSING_SHARE = 0.001  # of the requests that did not fail; too few to change a p99


@dataclass(frozen=True, slots=True)
class TimingStats:
    """Counts over a column of times in ms. `rows` excludes failed requests without a time, which got no response."""

    rows: int
    values: int
    positive: int
    whole_minutes: int
    minimum: float | None
    median: float | None
    maximum: float | None


def explain_aggregation(log: PricedLog) -> Text | None:
    """Return why rows are, or may be, totals of several requests; None if they look like single ones."""
    columns = map(_normalize_column, (*log.source.ignored, *log.source.mapping.values()))
    if (named := next((name for name in columns if name in REQUEST_COUNT_COLUMNS), None)) is not None:
        return text("the column {column} counts requests", column=named)
    rows, moments, on_quarters, midnights, tokens = _measure_shape(log)
    if tokens > MAX_REQUEST_TOKENS:
        return text("a row has {most:,} tokens, more than one request can have", most=tokens)
    if log.has_times and rows > 1 and on_quarters == rows and (moments > 1 or midnights == rows):
        return text("every row falls on a quarter of an hour, as hourly and daily totals do")
    return None


def explain_missing_latency(log: PricedLog) -> Text | None:
    """Return why the latency of requests is unknown; None if it is known."""
    if (why := explain_aggregation(log)) is not None:
        return text("Rows are totals of several requests ({why}). Upload an export with one row per request.", why=why)
    if not log.has_columns("latency_ms"):
        return text("The log has no latency. Add latency_ms.")
    times = _measure_times(log, "latency_ms")
    if times.rows - times.values > times.rows * MAX_MISSING_SHARE:
        return plural_text(
            "Only {logged:,} of {n:,} request has a latency. Add latency_ms to all of them.",
            "Only {logged:,} of {n:,} requests have a latency. Add latency_ms to all of them.",
            n=times.rows,
            logged=times.values,
        )
    return _explain_implausible(times)


def has_first_token(log: PricedLog) -> bool:
    """Whether times to the first token are those of single requests; requests that are not streamed have none."""
    return (
        log.has_columns("first_token_ms")
        and explain_aggregation(log) is None
        and _explain_implausible(_measure_times(log, "first_token_ms")) is None
    )


def explain_missing_error_rate(log: PricedLog) -> Text | None:
    """Return why the share of failed requests is unknown; None if it is known."""
    if (why := explain_aggregation(log)) is not None:
        return text("error rate (rows are totals of several requests: {why})", why=why)
    return None if log.has_columns("ok") else text("error rate")


def _explain_implausible(times: TimingStats) -> Text | None:
    if not times.values or times.positive * 2 <= times.values:
        return text("Most latencies are zero. Add latency_ms as measured for each request.")
    if times.values > 1 and times.minimum == times.maximum:
        return text("All latencies are the same. Add latency_ms as measured for each request.")
    if times.whole_minutes * 2 >= times.positive:
        return text(
            "Most latencies are whole minutes, as in time buckets. Add latency_ms as measured for each request."
        )
    if times.median is not None and times.median > MAX_MEDIAN_MS:
        return text("Most latencies are longer than a request can take. Add latency_ms as measured for each request.")
    return None


def _measure_shape(log: PricedLog) -> tuple[int, int, int, int, int]:
    """Return the number of rows, of distinct times, of rows at full quarters and at midnight, and the most tokens in a
    row."""
    table = log.create_table(
        "granularity",
        f"""CREATE TEMP TABLE granularity AS SELECT count(*) AS n, count(DISTINCT "at") AS moments,
            count(*) FILTER (epoch_us("at") % {QUARTER_HOUR_SECONDS * 1_000_000} = 0) AS quarters,
            count(*) FILTER (epoch_us("at") % 86400000000 = 0) AS midnights,
            max(fresh_input + cache_read + cache_write + output) AS tokens
        FROM log.requests""",
    )
    rows, moments, quarters, midnights, tokens = log.fetch_one(f"SELECT * FROM {table}")
    return rows, moments, quarters, midnights, tokens


def _measure_times(log: PricedLog, column: str) -> TimingStats:
    table = log.create_table(
        f"times_{column}",
        f"""CREATE TEMP TABLE times_{column} AS SELECT
            count(*) FILTER (ok IS DISTINCT FROM false OR {column} IS NOT NULL) AS n, count({column}) AS logged,
            count(*) FILTER ({column} > 0) AS positive,
            count(*) FILTER ({column} > 0 AND {column} % 60000 = 0) AS whole_minutes,
            min({column}) AS least, median({column}) AS median, max({column}) AS most
        FROM log.requests""",
    )
    return TimingStats(*log.fetch_one(f"SELECT * FROM {table}"))


def _normalize_column(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name[:100].lower()).strip("_")
