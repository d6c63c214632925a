"""Answers to how long something ran: from the first request to the last one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.conditions import describe_scope
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.query.measures import Unit
from workloads.query.query import Query
from workloads.query.result import QueryResult

HOUR, MINUTE, SECOND_MS = 3_600, 60, 1_000


def compose_duration(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    starts = [row[0] for result in results[:2] for row in result.rows[:1]]
    first, last = (starts[0], starts[-1]) if starts else (None, None)
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    query = reading.parts[0].query
    sentence = text(
        "{duration}, from the first request at {first} to the last one at {last}.",
        duration=_describe(last - first),
        first=FormattedNumber(first.strftime("%Y-%m-%d %H:%M:%S")),
        last=FormattedNumber(last.strftime("%Y-%m-%d %H:%M:%S")),
    )
    scope = describe_scope(Query(where=query.where, period=query.period))
    seconds = int((last - first).total_seconds())
    figure = Figure(name=str(text("Duration")), value=seconds * SECOND_MS, unit=Unit.MS)
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, scope)), figures=(figure,))


def _describe(duration: timedelta) -> Text:
    """Return a duration in the two largest units that it has."""
    seconds = int(duration.total_seconds())
    days, hours = duration.days, seconds % (HOUR * 24) // HOUR
    if days:
        return join_texts(" ", (plural_text("{n} day", "{n} days", n=days), text("{n} h", n=hours)))
    if seconds >= HOUR:
        return join_texts(" ", (text("{n} h", n=hours), text("{n} min", n=seconds % HOUR // MINUTE)))
    return join_texts(" ", (text("{n} min", n=seconds // MINUTE), text("{n} s", n=seconds % MINUTE)))
