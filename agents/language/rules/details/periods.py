"""Periods that say nothing: after the log's last day, or the same one twice."""

from collections.abc import Sequence
from datetime import date, timedelta

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.period_pairs import label_period
from agents.language.times.calendar import HALF, MONTHS, TimeSpan
from core.i18n.text import text

PAIR = 2
CHANGES = ("why", "compare", "change", "rise", "fall", "than")
AHEAD = ("forecast", "what_if", "goal")


def read_period_after_log(found: Findings) -> Reading | None:
    """Say where the log ends if a change to a later time is asked for: "why did it go up on 4 November?"."""
    scan, last = found.scan, found.extent.last
    if not scan.has(*CHANGES) or scan.has(*AHEAD) or "will" in found.words or not found.extent.is_dated:
        return None
    later = next((each for each in found.list_points() if each.start and each.start > last), None)
    if later is None:
        return None
    message = text(
        "The log ends on {last}, so it has nothing of {period}.", last=last.isoformat(), period=label_period(later)
    )
    return Reading(kind=QuestionKind.CANNOT, topic="period", message=message)


def read_same_periods(found: Findings) -> Reading | None:
    """Say so if both periods of a comparison are the same: the first and the last day of a log of one day."""
    points = found.list_points()
    named = [end for time in found.scan.times if time.filter is None for end in time.ends or ((time.start, time.end),)]
    is_pair = (
        len(points) == 1 and len(named) == PAIR and len(set(named)) == 1 and found.scan.has("compare", "than", "change")
    )
    if not is_pair or found.groups or found.scan.names:
        return None
    message = text(
        "Both periods are the same, {period}: the log starts on {first} and ends on {last}.",
        period=label_period(points[0]),
        first=found.extent.first.isoformat(),
        last=found.extent.last.isoformat(),
    )
    return Reading(kind=QuestionKind.CANNOT, topic="period", message=message)


def read_unclear_half(found: Findings) -> Reading | None:
    """The first half? Of the log or of a month, if it has several."""
    if not any(time.label == HALF for time in found.scan.times) or not found.extent.is_dated:
        return None
    half = next(time for time in found.scan.times if time.label == HALF)
    words = found.scan.quote(half.first, half.last)
    month = f"{MONTHS[found.extent.last.month - 1]} {found.extent.last.year}"
    message = text("Half of what: of the log, or of a month?")
    choices = (f"in the {words} of the log", f"in the {words} of {month}")
    return Reading(kind=QuestionKind.CLARIFY, topic="half", message=message, choices=choices, is_fragment=True)


def split_later(found: Findings) -> tuple[Sequence[TimeSpan], tuple[date, date] | None]:
    """Return the times of a question that the log has, and the first of those after it."""
    day = found.extent.last
    later = [each for each in found.scan.times if each.start and each.start > day and each.filter is None]
    others = [each for each in found.scan.times if each not in later]
    first = next((each for each in later if each.start), None)
    if first is None or first.start is None:
        return others, None
    return others, (first.start, first.end or first.start + timedelta(days=1))
