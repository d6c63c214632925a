"""Two periods of a change, and periods in words."""

from datetime import date, timedelta

from agents.language.findings import Findings
from agents.language.reading import Part
from agents.language.scope import get_scope
from agents.language.times.calendar import DAY_BEFORE, TimeSpan
from workloads.query.query import Query

HALF_MONTH_DAYS = 16


def build_time_parts(found: Findings) -> tuple[Part, ...]:
    """Return the two periods of a change, the earlier one first; one period is compared with the one before it."""
    scan = found.scan
    times = found.list_points()
    named = len(times)
    if named == 1:
        times = _add_time_before(found, times[0])
    if len(times) != 2:
        return ()
    if named == 2 and scan.has("than") and scan.has("rise", "fall", "most", "least"):
        times.reverse()  # "A was dearer than B": the change is from B to A
    else:
        times.sort(key=lambda time: time.start or date.min)
    scope = get_scope(found, times=[time for time in scan.times if time.filter is not None])
    return tuple(Part(label=label_period(time), query=Query(where=scope.where, period=time.period)) for time in times)


def _add_time_before(found: Findings, only: TimeSpan) -> list[TimeSpan]:
    """Return a period and the one before it, if that one is in the log or was asked for."""
    if only.start is None or only.end is None:
        return [only]
    start = _get_start_before(only.start, only.end)
    is_asked_for = any(time.label == DAY_BEFORE for time in found.scan.times)
    if start + (only.end - only.start) > found.extent.first or is_asked_for:
        return [only.narrow(start, only.start), only]
    return [only]


def _get_start_before(start: date, end: date) -> date:
    """Return where the period before this one starts: a month before a month, half of one before half, else as many
    days."""
    if (start.day, end.day) in ((1, 16), (16, 1)) and (end - start).days <= HALF_MONTH_DAYS:
        return start.replace(day=1) if start.day != 1 else (start - timedelta(days=1)).replace(day=16)
    is_month = start.day == 1 and end.day == 1 and (end - start).days in (28, 29, 30, 31)
    return (start - timedelta(days=1)).replace(day=1) if is_month else start - (end - start)


def label_period(time: TimeSpan) -> str:
    """Return the days of a period: 2026-10-26 to 2026-11-01."""
    if time.start and time.end:
        last = time.end - timedelta(days=1)
        return time.start.isoformat() if last == time.start else f"{time.start.isoformat()} to {last.isoformat()}"
    return time.label
