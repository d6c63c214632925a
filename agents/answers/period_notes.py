"""Notes on the periods of an answer: those that are only partly in the log, so that nobody takes a short month for a
cheap one, and the time zone of its days and hours, unless it is UTC."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from agents.language.times.calendar import LogDays
from core.i18n.text import Text, text
from workloads.pricing.assumptions import UTC_ZONE
from workloads.query.dimensions import DIMENSIONS, get_dimension
from workloads.query.query import Period, Query, Statistic
from workloads.query.result import Cell

GRAINS = ("week", "month")
COMPARING = frozenset({QuestionKind.COMPARE, QuestionKind.EXPLAIN})

DATED = frozenset({QuestionKind.ANOMALIES, QuestionKind.FORECAST, QuestionKind.PERIOD})
"""Questions about days, whatever their query."""


def list_partial_notes(reading: Reading, known: KnownLogs | None) -> tuple[Text, ...]:
    """Return a note for each period of the question that is not all in the log, and for a mean of short periods."""
    if known is None or not known.extent.is_dated:
        return ()
    if reading.kind in COMPARING:
        found = [note for part in reading.parts for note in _note_period(part.query.period, known.extents[part.log])]
    elif reading.kind is QuestionKind.MEASURE:
        extent = known.extents[reading.log]
        query = reading.query
        found = [*_note_period(query.period, extent), *_note_groups(query, extent), *_note_means(query)]
    elif reading.kind is QuestionKind.WHAT_IF:
        found = [*_note_later(reading, known.extents[reading.log])]
    else:
        found = []
    if reading.is_relative:
        found.append(text("The log ends on {day}, which is the day meant here.", day=known.extent.last.isoformat()))
    return tuple(dict.fromkeys(found))


def _note_later(reading: Reading, extent: LogDays) -> Iterator[Text]:
    """Yield what a supposition about a time after the log is about."""
    if reading.horizon is not None:
        first, end = reading.horizon
        yield text(
            "The log ends on {day}, so the figures are of its requests, not of {first} to {last}.",
            day=extent.last.isoformat(),
            first=first.isoformat(),
            last=(end - timedelta(days=1)).isoformat(),
        )


def _note_period(period: Period, extent: LogDays) -> Iterator[Text]:
    start, end = period.start, period.end
    last = None if end is None else (end - timedelta(microseconds=1)).date()
    if start is not None and last is not None and start.date() <= extent.last < last:
        yield text(
            "The log ends on {day}, so {first} to {last} is not complete.",
            day=extent.last.isoformat(),
            first=start.date().isoformat(),
            last=last.isoformat(),
        )
    if start is not None and last is not None and start.date() < extent.first <= last:
        yield text(
            "The log starts on {day}, so {first} to {last} is not complete.",
            day=extent.first.isoformat(),
            first=start.date().isoformat(),
            last=last.isoformat(),
        )


def _note_groups(query: Query, extent: LogDays) -> Iterator[Text]:
    """Yield notes on the first and the last week or month, unless a period was asked for."""
    grain = next((name for name in query.by if name in GRAINS), None)
    if grain is None or query.period != Period():
        return
    if _is_begun_late(grain, extent):
        day = extent.first.isoformat()
        yield (
            text("The first week is not complete: the log starts on {day}.", day=day)
            if grain == "week"
            else text("The first month is not complete: the log starts on {day}.", day=day)
        )
    if _is_cut_off(grain, extent):
        day = extent.last.isoformat()
        yield (
            text("The last week is not complete: the log ends on {day}.", day=day)
            if grain == "week"
            else text("The last month is not complete: the log ends on {day}.", day=day)
        )


def list_whole_periods(
    reading: Reading, rows: Sequence[Sequence[Cell]], known: KnownLogs | None
) -> Sequence[Sequence[Cell]]:
    """Return the rows of whole weeks or months, of `rows` in the order of time; all of them if fewer than two are."""
    whole = pick_whole_periods(reading, rows, known)
    return whole if len(whole) > 1 else rows


def pick_whole_periods(
    reading: Reading, rows: Sequence[Sequence[Cell]], known: KnownLogs | None
) -> Sequence[Sequence[Cell]]:
    """Return the rows of whole weeks or months, of `rows` in the order of time."""
    grain = reading.query.by[0]
    if known is None or not known.extent.is_dated or grain not in GRAINS:
        return rows
    extent = known.extents[reading.log]
    return [
        row
        for row in rows
        if not (_is_begun_late(grain, extent) and _get_day(row[0]) == _get_start(extent.first, grain))
        and not (_is_cut_off(grain, extent) and _get_day(row[0]) == _get_start(extent.last, grain))
    ]


def _is_begun_late(grain: str, extent: LogDays) -> bool:
    return _get_start(extent.first, grain) < extent.first


def _is_cut_off(grain: str, extent: LogDays) -> bool:
    return _get_start(extent.last + timedelta(days=1), grain) <= extent.last


def _get_day(cell: Cell) -> date:
    return cell.date() if isinstance(cell, datetime) else date.fromisoformat(str(cell)[:10])


def _get_start(day: date, grain: str) -> date:
    """Return the first day of the week or month of a day."""
    return day - timedelta(days=day.weekday()) if grain == "week" else day.replace(day=1)


def list_zone_notes(reading: Reading, known: KnownLogs | None) -> tuple[Text, ...]:
    """Return a note on the time zone, if the answer depends on where its days begin, or has times of requests."""
    zone = reading.query.zone
    listed = reading.kind is QuestionKind.REQUESTS and known is not None and known.extent.is_dated
    if zone in ("", UTC_ZONE) or not (listed or reading.kind in DATED or any(map(_has_days, _iter_queries(reading)))):
        return ()
    return (text("Days and hours are in the time zone {zone}.", zone=zone),)


def _iter_queries(reading: Reading) -> Iterator[Query]:
    yield reading.query
    yield from (part.query for part in reading.parts)
    for each in reading.rest:
        yield from _iter_queries(each)


def _has_days(query: Query) -> bool:
    names = (*query.by, *(each.field for each in query.where))
    return query.period != Period() or any(name in DIMENSIONS and get_dimension(name).is_time for name in names)


def _note_means(query: Query) -> Iterator[Text]:
    """Yield the note under a mean of short periods, of which many have no request."""
    if Statistic.MEAN in query.statistics and query.by[-1:] in (("hour",), ("minute",)):
        yield text("Only hours and minutes with a request count in the mean.")
