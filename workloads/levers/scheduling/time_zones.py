"""Offsets of time zones as SQL rows, so that a schedule is judged by local clocks through daylight saving."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workloads.analysis.priced_log import PricedLog

OTHER_ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")
"""Zones with the daylight saving of most servers' clocks, tried after the user's own and UTC."""

MAX_YEARS = 20  # of a log; longer ones are judged in UTC only
FIRST_YEAR, LAST_YEAR = 1971, 2200
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


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
        if _get_offset(zone, moment + DAY) != offset:
            while _get_offset(zone, moment) == offset:
                moment += HOUR
            yield begin, moment, offset
            begin, offset = moment, _get_offset(zone, moment)
        moment += DAY
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
