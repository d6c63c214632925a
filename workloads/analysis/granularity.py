"""The granularity of a log: one row per request, or sums of requests. Latency, error rates and savings that rest on
single requests are reported only for the former.

Many exports are sums: a row a day, an hour or a model, whose "latency" is the length of the day. No guard is kept and
no saving certain on those. Where a log cannot tell, the reason names the missing column."""

import re
from dataclasses import dataclass

from core.i18n.text import Text, plural_text, text
from workloads.analysis.priced_log import PricedLog

REQUEST_COUNT_COLUMNS = frozenset(
    {
        *(
            "requests",
            "num_requests",
            "n_requests",
            "request_count",
            "requests_count",
            "total_requests",
            "api_requests",
        ),
        *("num_model_requests", "model_requests", "successful_requests", "failed_requests", "number_of_requests"),
        *("calls", "num_calls", "n_calls", "call_count", "total_calls", "invocations", "invocation_count", "count"),
    }
)
"""Columns, by their names in small letters, that tell how many requests a row is of."""
QUARTER_HOUR_SECONDS = 900  # seconds: requests do not all come at a full quarter of an hour, buckets do
MAX_REQUEST_TOKENS = 20_000_000  # of one request: twice the longest context that any model offers
MAX_MEDIAN_MS = 600_000  # half of a log's requests do not take longer: providers break off before
MAX_MISSING_SHARE = 0.001  # of the requests that did not fail may lack a value: less than a p99 could show


@dataclass(frozen=True, slots=True)
class TimingStats:
    """Of one column of times in ms. `rows`: without requests that failed and have none, as they were never answered."""

    rows: int
    values: int
    positive: int
    whole_minutes: int
    minimum: float | None
    median: float | None
    maximum: float | None


def explain_aggregation(ledger: PricedLog) -> Text | None:
    """Why rows are, or may be, sums of requests; None where they look like single ones."""
    columns = map(_normalize_column, (*ledger.source.ignored, *ledger.source.mapping.values()))
    if (named := next((name for name in columns if name in REQUEST_COUNT_COLUMNS), None)) is not None:
        return text("the column {column} counts requests", column=named)
    rows, moments, on_quarters, midnights, tokens = _measure_shape(ledger)
    if tokens > MAX_REQUEST_TOKENS:
        return text("a row has {most:,} tokens, more than one request can have", most=tokens)
    if ledger.has_times and rows > 1 and on_quarters == rows and (moments > 1 or midnights == rows):
        return text("every row falls on a quarter of an hour, as hourly and daily totals do")
    return None


def explain_missing_latency(ledger: PricedLog) -> Text | None:
    """Why nothing can be said of how long requests take; None where it can."""
    if (why := explain_aggregation(ledger)) is not None:
        return text("The rows are sums of requests ({why}): upload an export with one row per request.", why=why)
    if not ledger.has_columns("latency_ms"):
        return text("The log has no latency. Add latency_ms.")
    times = _measure_times(ledger, "latency_ms")
    if times.rows - times.values > times.rows * MAX_MISSING_SHARE:
        return plural_text(
            "Only {told:,} of {n:,} request has a latency. Add latency_ms to all of them.",
            "Only {told:,} of {n:,} requests have a latency. Add latency_ms to all of them.",
            n=times.rows,
            told=times.values,
        )
    return _explain_implausible(times)


def has_first_token(ledger: PricedLog) -> bool:
    """Whether times to the first token are those of requests; what is not streamed has none."""
    return (
        ledger.has_columns("first_token_ms")
        and explain_aggregation(ledger) is None
        and _explain_implausible(_measure_times(ledger, "first_token_ms")) is None
    )


def explain_missing_error_rate(ledger: PricedLog) -> Text | None:
    """Why the share of failed requests, among those whose end is known, is unknown; None where it is not."""
    if (why := explain_aggregation(ledger)) is not None:
        return text("error rate: the rows are sums of requests ({why})", why=why)
    return None if ledger.has_columns("ok") else text("error rate")


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


def _measure_shape(ledger: PricedLog) -> tuple[int, int, int, int, int]:
    """Rows, different times among them, rows at full quarters and at midnight, and the most tokens of a row."""
    table = ledger.create_table(
        "granularity",
        f"""CREATE TEMP TABLE granularity AS SELECT count(*) AS n, count(DISTINCT "at") AS moments,
            count(*) FILTER (epoch_us("at") % {QUARTER_HOUR_SECONDS * 1_000_000} = 0) AS quarters,
            count(*) FILTER (epoch_us("at") % 86400000000 = 0) AS midnights,
            max(fresh_input + cache_read + cache_write + output) AS tokens
        FROM log.requests""",
    )
    rows, moments, quarters, midnights, tokens = ledger.fetch_one(f"SELECT * FROM {table}")
    return rows, moments, quarters, midnights, tokens


def _measure_times(ledger: PricedLog, column: str) -> TimingStats:
    table = ledger.create_table(
        f"times_{column}",
        f"""CREATE TEMP TABLE times_{column} AS SELECT
            count(*) FILTER (ok IS DISTINCT FROM false OR {column} IS NOT NULL) AS n, count({column}) AS told,
            count(*) FILTER ({column} > 0) AS positive,
            count(*) FILTER ({column} > 0 AND {column} % 60000 = 0) AS whole_minutes,
            min({column}) AS least, median({column}) AS median, max({column}) AS most
        FROM log.requests""",
    )
    return TimingStats(*ledger.fetch_one(f"SELECT * FROM {table}"))


def _normalize_column(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name[:100].lower()).strip("_")
