"""Scheduled work in a log: features, keys or users whose requests come in one burst a day, at the same time of day.

A burst is a series of requests without a pause of two hours. A source is scheduled if nine in ten of its requests are
in bursts of at most six hours that start within half an hour of the same time of day, on at least three days. Hours are
those of the user's time zone, of UTC, or of another zone with daylight saving. It is not scheduled work if people wait:
more than five users or keys, streamed responses, or sessions of several requests. A missing column is no evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import pi
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.priced_log import PricedLog

DIMENSIONS = ("feature", "api_key", "end_user")
"""Columns whose values can be scheduled, the most telling first."""

MIN_REQUESTS = 20
MIN_DAYS = 3
MIN_SHARE = 0.9
MAX_URGENT_SHARE = 0.1  # streamed, or further requests of a session
MAX_CALLERS = 5
MAX_BURST_SECONDS = 6 * 3_600
MAX_START_DEVIATION = 1_800  # seconds
SLOT_SECONDS, PAUSE_SLOTS = 900, 8
DAY_SECONDS = 86_400
MAX_SCHEDULES = 200

OTHER_ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")
"""Zones with the daylight saving of most servers' clocks, tried after the user's own and UTC."""

MAX_YEARS = 20  # of a log; longer ones are judged in UTC only
FIRST_YEAR, LAST_YEAR = 1971, 2200
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A source whose requests are scheduled. `start` and `end` are seconds of the local day in `zone`; the end may be
    on the next day. `keys` is 0 if the log has none."""

    dimension: str
    name: str
    requests: int
    days: int
    keys: int
    start: int
    end: int
    zone: str


def can_identify_schedules(log: PricedLog) -> bool:
    """Whether the log can show scheduled work: it has dates, and features, keys or users, and a row is a request."""
    return _list_dimensions(log) != () and not log.source.relative_clock and explain_aggregation(log) is None


def list_schedules(log: PricedLog) -> tuple[Schedule, ...]:
    """Return the scheduled sources, those with the most requests first."""
    if not can_identify_schedules(log):
        return ()
    zones = list_zones(log)
    rows = log.fetch_all(f"SELECT * FROM {_build_schedules(log)} ORDER BY requests DESC, dimension, name")
    schedules = [
        Schedule(
            dimension=dimension,
            name=name,
            requests=requests,
            days=days,
            keys=keys,
            start=int(start) % DAY_SECONDS,
            end=int(end) % DAY_SECONDS,
            zone=zones[zone],
        )
        for dimension, name, requests, keys, days, start, end, zone in rows
    ]
    # Many users who come at their own times of day are people, even if each of them is regular.
    users = [schedule for schedule in schedules if schedule.dimension == "end_user"]
    kept = [schedule for schedule in schedules if len(users) <= MAX_CALLERS or schedule.dimension != "end_user"]
    return tuple(kept[:MAX_SCHEDULES])


def _list_dimensions(log: PricedLog) -> tuple[str, ...]:
    return tuple(column for column in DIMENSIONS if log.has_columns(column))


def _build_schedules(log: PricedLog) -> str:
    log.create_table("source_sizes", f"CREATE TEMP TABLE source_sizes AS {_select_sizes(log)}")
    log.create_table("source_slots", f"CREATE TEMP TABLE source_slots AS {_select_slots(log)}")
    return log.create_table("schedules", f"CREATE TEMP TABLE schedules AS {_select_schedules(log)}")


def _select_sizes(log: PricedLog) -> str:
    """Return SQL for the sources with enough requests that are not people's."""
    return " UNION ALL ".join(
        f"""SELECT '{column}' AS dimension, {column} AS name, count(*) AS requests, count(DISTINCT api_key) AS keys
        FROM log.requests WHERE {column} IS NOT NULL GROUP BY {column}
        HAVING count(*) >= {MIN_REQUESTS} AND epoch(max("at")) - epoch(min("at")) > {(MIN_DAYS - 2) * DAY_SECONDS}
            AND count(DISTINCT api_key) <= {MAX_CALLERS} AND count(DISTINCT end_user) <= {MAX_CALLERS}
            AND count(*) FILTER (streamed) <= {MAX_URGENT_SHARE} * count(*)
            AND count(session) - count(DISTINCT session) <= {MAX_URGENT_SHARE} * count(*)"""
        for column in _list_dimensions(log)
    )


def _select_slots(log: PricedLog) -> str:
    return " UNION ALL ".join(
        f"""SELECT '{column}' AS dimension, {column} AS name, epoch_us("at") // {SLOT_SECONDS * 1_000_000} AS slot,
            count(*) AS requests, min("at") AS first, max("at") AS last
        FROM log.requests
        WHERE {column} IN (SELECT name FROM source_sizes WHERE dimension = '{column}') GROUP BY ALL"""
        for column in _list_dimensions(log)
    )


def _select_schedules(log: PricedLog) -> str:
    """Return SQL for the schedules, each in the first zone in which it is regular."""
    turn = 2 * pi / DAY_SECONDS
    centre = (
        f"(atan2(sum(n * sin(local * {turn})) {{when}}, sum(n * cos(local * {turn})) {{when}}) / {turn} "
        f"+ {DAY_SECONDS}) % {DAY_SECONDS}"
    )
    deviation = f"((local - {{centre}} + {DAY_SECONDS * 3 // 2}) % {DAY_SECONDS}) - {DAY_SECONDS // 2}"
    source = "dimension, name"
    near_centre = centre.format(when=f"FILTER (is_near) OVER (PARTITION BY {source}, zone)")
    return f"""
        WITH marked AS (
            SELECT *, CASE WHEN slot - lag(slot) OVER by_slot > {PAUSE_SLOTS} THEN 1 ELSE 0 END AS pause
            FROM source_slots WINDOW by_slot AS (PARTITION BY {source} ORDER BY slot)
        ),
        numbered AS (SELECT *, sum(pause) OVER (PARTITION BY {source} ORDER BY slot) AS burst FROM marked),
        bursts AS (
            SELECT {source}, burst, sum(requests) AS n, min(first) AS first,
                epoch(max(last)) - epoch(min(first)) AS took,
                took <= {MAX_BURST_SECONDS} AND 2 * count(*) > max(slot) - min(slot) AS is_dense
            FROM numbered GROUP BY {source}, burst
        ),
        offsets (zone, start, until, ahead) AS (VALUES {build_offset_values(log)}),
        timed AS (
            SELECT b.*, zone, (epoch(first) + ahead) % {DAY_SECONDS} AS local
            FROM bursts b JOIN offsets o ON b.first >= o.start AND b.first < o.until
        ),
        rough AS (SELECT *, {centre.format(when=f"OVER (PARTITION BY {source}, zone)")} AS about FROM timed),
        near AS (SELECT *, abs({deviation.format(centre="about")}) <= 7200 AS is_near FROM rough),
        centred AS (
            SELECT *, coalesce({near_centre}, 0) AS centre FROM near
        ),
        judged AS (
            SELECT *, {deviation.format(centre="centre")} AS off, is_dense AND abs(off) <= {MAX_START_DEVIATION} AS fits
            FROM centred
        ),
        regular AS (
            SELECT {source}, zone, count(*) FILTER (fits) AS days, min(centre + off) FILTER (fits) AS starts,
                max(centre + off + took) FILTER (fits) AS ends
            FROM judged GROUP BY {source}, zone
            HAVING days >= {MIN_DAYS} AND coalesce(sum(n) FILTER (fits), 0) >= {MIN_SHARE} * sum(n)
        )
        SELECT {source}, requests, keys, days, starts, ends, zone FROM regular JOIN source_sizes USING ({source})
        QUALIFY zone = min(zone) OVER (PARTITION BY {source})"""


def list_zones(log: PricedLog) -> tuple[str, ...]:
    """Return the zones in which schedules are judged, the user's own first."""
    return tuple(dict.fromkeys((log.assumptions.time_zone, "UTC", *OTHER_ZONES)))


def build_offset_values(log: PricedLog) -> str:
    """Return SQL rows (zone as an index of `list_zones`, from, to, seconds ahead of UTC) that cover the whole log."""
    first, last = log.fetch_one('SELECT year(min("at")), year(max("at")) FROM log.requests')
    zones = list_zones(log)
    if last - first > MAX_YEARS or first < FIRST_YEAR or last > LAST_YEAR:
        zones = ("UTC",)
    known = list_zones(log)
    rows = (
        f"({known.index(name)}, TIMESTAMP '{start}', TIMESTAMP '{end}', {offset})"
        for name in zones
        for start, end, offset in _iter_offsets(name, first, last)
    )
    return ", ".join(rows)


def _iter_offsets(name: str, first: int, last: int) -> Iterable[tuple[datetime, datetime, int]]:
    """Yield (from, to, offset in seconds) in naive UTC, from before the first year until after the last one."""
    zone = _find_zone(name)
    start, end = datetime(max(first, FIRST_YEAR), 1, 1), datetime(min(last, LAST_YEAR) + 1, 1, 2)  # noqa: DTZ001
    moment, begin, offset = start, datetime(1, 1, 1), _get_offset(zone, start)  # noqa: DTZ001
    while zone is not UTC and moment < end:
        if _get_offset(zone, moment + _DAY) != offset:
            while _get_offset(zone, moment) == offset:
                moment += _HOUR
            yield begin, moment, offset
            begin, offset = moment, _get_offset(zone, moment)
        moment += _DAY
    yield begin, datetime(9999, 12, 31), offset  # noqa: DTZ001


def _find_zone(name: str) -> tzinfo:
    """Return the zone; UTC if this machine does not know it."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return UTC


def _get_offset(zone: tzinfo, moment: datetime) -> int:
    offset = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
