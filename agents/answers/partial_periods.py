"""Say which periods are only partly in the log, so that nobody takes a short month for a cheap one."""

from collections.abc import Iterator
from datetime import date, timedelta

from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from agents.language.times.calendar import LogDays
from core.i18n.text import Text, text
from workloads.query.query import Period, Query

COMPARING = frozenset({QuestionKind.COMPARE, QuestionKind.EXPLAIN})


def list_partial_notes(reading: Reading, known: KnownLogs | None) -> tuple[Text, ...]:
    """Return a note for each period of the question that starts before or ends after the log."""
    if known is None or not known.extent.is_dated:
        return ()
    if reading.kind in COMPARING:
        found = [note for part in reading.parts for note in _note_period(part.query.period, known.extents[part.log])]
    elif reading.kind is QuestionKind.MEASURE:
        extent = known.extents[reading.log]
        found = [*_note_period(reading.query.period, extent), *_note_groups(reading.query, extent)]
    else:
        found = []
    return tuple(dict.fromkeys(found))


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
    grain = next((name for name in query.by if name in ("week", "month")), None)
    if grain is None or query.period != Period():
        return
    if _get_start(extent.first, grain) < extent.first:
        day = extent.first.isoformat()
        yield (
            text("The first week is not complete: the log starts on {day}.", day=day)
            if grain == "week"
            else text("The first month is not complete: the log starts on {day}.", day=day)
        )
    if _get_start(extent.last + timedelta(days=1), grain) <= extent.last:
        day = extent.last.isoformat()
        yield (
            text("The last week is not complete: the log ends on {day}.", day=day)
            if grain == "week"
            else text("The last month is not complete: the log ends on {day}.", day=day)
        )


def _get_start(day: date, grain: str) -> date:
    """Return the first day of the week or month of a day."""
    return day - timedelta(days=day.weekday()) if grain == "week" else day.replace(day=1)
