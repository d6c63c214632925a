"""The requests of a log with their costs, computed once for all queries of a connection.

The view `priced` looks up the prices of every request each time it is read. A query reads a table of the costs instead,
which lies beside the log's own in the same order, so that the two need no join either. Of a small log `priced` is a
table already."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from workloads.analysis.priced_log import PricedLog
from workloads.pricing.priced_view import build_priced_sql

MAX_ROWS = 3_000_000
"""Of a log whose costs are stored, because each takes 110 bytes of memory."""

COST_COLUMNS = (
    "spend",
    "cost",
    "cost_input",
    "cost_output",
    "p_fresh",
    "p_read",
    "p_write",
    "p_output",
    "cache_saving",
)

EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - the log's clock is naive UTC
MIN_DAYS = 20
"""Requests that all begin at midnight before a log is taken to have no times of day."""

MAX_STEPS = 40_000
"""Times at which a zone's offset is looked up, usually one a day."""


def build_relation(log: PricedLog, *, with_kept: bool = False) -> str:
    """Return what to select requests from. It has the columns of `log.requests`, COST_COLUMNS and `input`, and those
    of `log.kept` if wanted."""
    kept = " JOIN log.kept USING (row)" if with_kept else ""
    if log.is_stored or log.source.rows > MAX_ROWS or not _store_costs(log):
        return f"priced{kept}"
    costs = ", ".join(f"c.{name}" for name in COST_COLUMNS)
    join = "POSITIONAL JOIN query_costs c" if _has_same_order(log) else "JOIN query_costs c USING (row)"
    return f"""(SELECT r.*, r.fresh_input + r.cache_read + r.cache_write AS input, {costs}
        FROM log.requests r {join}){kept}"""


def _store_costs(log: PricedLog) -> bool:
    """Create the table of costs in the order of the log's own; whether that order is known."""
    try:
        log.create_table(
            "query_costs",
            f"""CREATE TEMP TABLE query_costs AS SELECT row, {", ".join(COST_COLUMNS)}
                FROM ({build_priced_sql(log.shape, with_place=True)}) ORDER BY place""",
        )
    except duckdb.BinderException:  # what an earlier version wrote is a view, whose rows have no place
        return False
    return True


def _has_same_order(log: PricedLog) -> bool:
    """Whether each row of the table of costs lies where the log has it, as looked up once."""
    log.create_table(
        "query_order",
        """CREATE TEMP TABLE query_order AS SELECT count(*) = 0 AS is_same
            FROM log.requests r POSITIONAL JOIN query_costs c WHERE r.row IS DISTINCT FROM c.row""",
    )
    return bool(log.fetch_one("SELECT is_same FROM query_order")[0])


def build_local_time(log: PricedLog, zone: str) -> str:
    """Return SQL for a request's time in a time zone: its offset from UTC, spelled out for each part of the log.

    The sums of days stay where they are: shifted, a day's sum would fall on the day before.
    """
    if zone in ("", "UTC") or log.source.relative_clock or not log.has_times or has_daily_sums(log):
        return '"at"'
    log.create_table(
        "query_extent",
        'CREATE TEMP TABLE query_extent AS SELECT min("at") AS first, max("at") AS last FROM log.requests',
    )
    first, last = log.fetch_one("SELECT first, last FROM query_extent")
    (_, offset), *changes = _list_offsets(ZoneInfo(zone), first, last)
    cases = ""
    for at, following in changes:
        cases += f" WHEN \"at\" < TIMESTAMP '{at}' THEN {_format_offset(offset)}"
        offset = following
    return '"at" + ' + (f"CASE{cases} ELSE {_format_offset(offset)} END" if cases else _format_offset(offset))


def has_daily_sums(log: PricedLog) -> bool:
    """Whether the log's sums of requests all have a day but no time of day."""
    if not log.has_sums:
        return False
    log.create_table(
        "query_days",
        """CREATE TEMP TABLE query_days AS SELECT bool_and("at" = date_trunc('day', "at")) AS are_days
            FROM log.requests WHERE is_sum""",
    )
    return bool(log.fetch_one("SELECT are_days FROM query_days")[0])


def has_only_days(log: PricedLog) -> bool:
    """Whether no row of the log has a time of day, as in exports of daily sums."""
    if has_daily_sums(log):
        return True
    if log.has_sums or log.source.rows < MIN_DAYS or not log.has_times:
        return False
    log.create_table(
        "query_times",
        """CREATE TEMP TABLE query_times AS SELECT bool_and("at" = date_trunc('day', "at")) AS are_days
            FROM log.requests""",
    )
    return bool(log.fetch_one("SELECT are_days FROM query_times")[0])


def _format_offset(offset: timedelta) -> str:
    return f"to_seconds({int(offset.total_seconds())})"


def _list_offsets(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, timedelta]]:
    """Return the zone's offsets from UTC between two times in UTC, each with the second from which it applies."""
    start, end = (min(max(moment, EARLIEST), LATEST).replace(microsecond=0) for moment in (first, last))
    step = max(timedelta(days=1), (end - start) // MAX_STEPS)
    found = [(start, _get_offset(zone, start))]
    while start <= end:
        following = start + step
        if (offset := _get_offset(zone, following)) != found[-1][1]:
            found.append((_find_change(zone, start, following), offset))
        start = following
    return found


def _find_change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """Return the first second after `start` with the offset of `end`."""
    old = _get_offset(zone, start)
    seconds = range(1, int((end - start).total_seconds()))
    return start + timedelta(
        seconds=1
        + bisect_left(seconds, True, key=lambda second: _get_offset(zone, start + timedelta(seconds=second)) != old)
    )


def _get_offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
