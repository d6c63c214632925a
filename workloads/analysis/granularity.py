"""The granularity of a log: one row per request, or totals of several requests. Latency, error rates and savings that
depend on single requests are reported only for the former. A sum bears the time at which its period starts, such as a
day, so a log of sums ends where its last period ends.

Many exports have a row for each day, hour or model, whose "latency" is the length of the day. No guard and no saving
can be based on those. If a log lacks a column, the reason names it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.i18n.text import Text, plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.summed_rows import MAX_REQUEST_TOKENS, RARE_REQUEST_TOKENS

MAX_MEDIAN_MS = 600_000  # providers abort requests earlier than that
MAX_MISSING_SHARE = 0.001  # of the requests that did not fail; too few to change a p99

_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800
_SHORTEST_DAY, _SHORTEST_MONTH = 23 * _HOUR, 28 * _DAY
"""Seconds, with changes of daylight saving."""


@dataclass(frozen=True, slots=True)
class TimingStats:
    """Counts over a column of times in ms. `rows` excludes failed requests without a time, which got no response.

    `long` counts those above MAX_MEDIAN_MS: to count takes a tenth of the time of a median."""

    rows: int
    values: int
    positive: int
    whole_minutes: int
    minimum: float | None
    long: int
    maximum: float | None


def explain_aggregation(log: PricedLog) -> Text | None:
    """Return why rows are taken for totals of several requests; None if they are single ones."""
    if not log.has_sums:
        return None
    if (column := log.source.mapping.get("requests")) is not None:
        return text('the column "{column}" counts requests', column=column)
    most, is_periodic, is_rare = _measure_sums(log)
    if most > MAX_REQUEST_TOKENS:
        return text("a row has {most:,} tokens, more than one request can have", most=most)
    if is_periodic:
        return text("every row falls on a quarter of an hour, as hourly and daily totals do")
    if is_rare:
        return text("most rows have more than {most:,} tokens, as few requests do", most=RARE_REQUEST_TOKENS)
    return text("its columns are those of an export of totals")


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
    if times.long * 2 > times.values:
        return text("Most latencies are longer than a request can take. Add latency_ms as measured for each request.")
    return None


def _measure_sums(log: PricedLog) -> tuple[int, bool, bool]:
    """Return the most tokens in a row, whether all times are at full quarters of an hour, and whether most rows have
    more tokens than requests usually have."""
    table = log.create_table(
        "granularity",
        f"""CREATE TEMP TABLE granularity AS SELECT max(fresh_input + cache_read + cache_write + output) AS tokens,
            bool_and(epoch_us("at") % 900000000 = 0) AS quarters,
            median(fresh_input + cache_read + cache_write + output) > {RARE_REQUEST_TOKENS} AS is_rare
        FROM log.requests""",
    )
    tokens, quarters, is_rare = log.fetch_one(f"SELECT * FROM {table}")
    return tokens, quarters and log.has_times, is_rare


def _measure_times(log: PricedLog, column: str) -> TimingStats:
    table = log.create_table(
        f"times_{column}",
        f"""CREATE TEMP TABLE times_{column} AS SELECT
            count(*) FILTER (ok IS DISTINCT FROM false OR {column} IS NOT NULL) AS n, count({column}) AS logged,
            count(*) FILTER ({column} > 0) AS positive,
            count(*) FILTER ({column} > 0 AND {column} % 60000 = 0) AS whole_minutes,
            min({column}) AS least, count(*) FILTER ({column} > {MAX_MEDIAN_MS}) AS long, max({column}) AS most
        FROM log.requests""",
    )
    return TimingStats(*log.fetch_one(f"SELECT * FROM {table}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExtent:
    """Naive UTC. `end`: where the last request was sent, or where the period of the last sum ends.

    `grain`: the period of sums: minute, hour, day or month, None if rows are requests or the period is unknown.
    """

    first: datetime
    end: datetime
    grain: str | None

    @property
    def last(self) -> datetime:
        """The last moment: just before the end, if that is the end of a period."""
        return self.end if self.grain is None else self.end - timedelta(microseconds=1)


def measure_extent(log: PricedLog) -> LogExtent:
    """Return the extent of a log with times."""
    first, last, last_sum = log.fetch_one('SELECT min("at"), max("at"), max("at") FILTER (is_sum) FROM log.requests')
    grain, seconds = _measure_period(log) if log.has_sums else (None, 0)
    if grain is None:
        return LogExtent(first=first, end=last, grain=None)
    end = _get_month_end(last_sum, seconds) if grain == "month" else last_sum + timedelta(seconds=seconds)
    return LogExtent(first=first, end=max(last, end), grain=grain)


def _measure_period(log: PricedLog) -> tuple[str | None, int]:
    """Return the grain and the seconds of the sums' periods.

    Months, quarters and years start on the first and weeks at distances of seven days; days start at midnight, perhaps
    in another time zone. Shorter periods are as long as most distances, or an hour.
    """
    are_firsts, are_midnights, are_hours, gaps, shortest, of_shortest, of_weeks = log.fetch_one(
        f"""WITH moments AS (SELECT DISTINCT epoch_us("at") // 1000000 AS second FROM log.requests WHERE is_sum),
        gaps AS (SELECT second, second - lag(second) OVER (ORDER BY second) AS gap FROM moments)
        SELECT bool_and(second % {_DAY} = 0 AND day(make_timestamp(second * 1000000)) = 1),
            bool_and(second % {_DAY} = 0), bool_and(second % {_HOUR} = 0), count(gap), coalesce(min(gap), 0),
            count(*) FILTER (gap = (SELECT min(gap) FROM gaps)), count(*) FILTER (gap % {_WEEK} = 0)
        FROM gaps"""
    )
    if are_firsts and shortest >= _SHORTEST_MONTH:
        return "month", shortest
    if gaps > 1 and of_weeks == gaps:
        return "day", _WEEK
    if are_midnights or shortest >= _SHORTEST_DAY:
        return "day", _DAY
    if gaps and of_shortest * 2 >= gaps and _DAY % shortest == 0:
        return ("minute" if shortest < _HOUR else "hour"), shortest
    return ("hour", _HOUR) if are_hours else (None, 0)


def _get_month_end(start: datetime, shortest: int) -> datetime:
    """Return the end of a month, quarter, half or whole year, by the shortest distance between two of them."""
    months = next((each for each in (12, 6, 3) if shortest >= each * _SHORTEST_MONTH + 2 * each * _DAY), 1)
    count = start.year * 12 + start.month - 1 + months
    return start.replace(year=count // 12, month=count % 12 + 1, day=1)
