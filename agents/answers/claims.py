"""Yes or no, and whether a time comes first or is above the mean: "was the dearest day a Monday?"."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.answers.answer import Figure
from agents.answers.formatting import format_name
from core.i18n.text import Text, join_texts, text
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult

YES, NO = text("Yes."), text("No.")
_LENGTHS = {"week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A yes or a no with its reason, which comes first, and the figures that it adds."""

    said: Text
    figures: tuple[Figure, ...] = ()


def say(is_so: bool) -> Text:
    return YES if is_so else NO


def decide_claim(claim: Query, query: Query, result: QueryResult) -> Verdict | None:
    """Return whether a time is among those that meet a condition, or whether the first one is in it."""
    if query.having:
        return Verdict(say(any(_is_in(row[0], claim) for row in result.rows)))
    return _check_first(claim, query, result)


def _is_in(cell: Cell, claim: Query) -> bool:
    """Whether a day, the first day of a week or month, a weekday or an hour is in a time."""
    if claim.where:
        is_day = claim.where[0].field == "weekday" and isinstance(cell, datetime)
        return (cell.isoweekday() if is_day and isinstance(cell, datetime) else cell) in claim.where[0].values
    start, end = claim.period.start, claim.period.end
    return isinstance(cell, datetime) and start is not None and end is not None and start <= cell < end


def _check_first(claim: Query, query: Query, result: QueryResult) -> Verdict | None:
    """Return whether the first day, week or hour is in a time: "was the dearest day a Monday?"."""
    first, grain = (result.rows[0][0] if result.rows else None), query.by[0]
    if claim.where:
        condition = claim.where[0]
        is_day = condition.field == "weekday" and isinstance(first, datetime)
        found = first.isoweekday() if is_day and isinstance(first, datetime) else first
        said = (text("It was a {weekday}.", weekday=format_name(found, "weekday")),) if is_day else ()
        return Verdict(join_texts(" ", (say(_is_in(first, claim)), *said)))
    start, end = claim.period.start, claim.period.end
    if not isinstance(first, datetime) or start is None or end is None:
        return None
    last = first + _LENGTHS.get(grain, timedelta(days=1)) - timedelta(days=1)
    if grain == "week" and (first < start <= last or first < end <= last):
        return Verdict(text("Partly: {first} to {last}.", first=first.date().isoformat(), last=last.date().isoformat()))
    return Verdict(say(_is_in(first, claim)))
