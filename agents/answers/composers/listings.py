"""Lists of single requests, and the days that a log covers."""

from collections.abc import Iterator
from datetime import datetime

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.query.measures import Unit
from workloads.query.requests import RequestList
from workloads.query.values import LogDescription


def compose_requests(reading: Reading, found: RequestList) -> Answer:
    if not found.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    table = Table(
        title=text("Requests"),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in found.columns),
        rows=found.rows,
    )
    sentence = join_texts(" ", (_count_requests(found), *_describe_first(reading, found)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=sentence,
        figures=(Figure(name="Requests that match", value=found.found, unit=Unit.REQUESTS),),
        tables=(table,),
    )


def _count_requests(found: RequestList) -> Text:
    if found.found == len(found.rows):
        return plural_text("{n} request matches.", "{n} requests match.", n=found.found)
    return text("Showing {n} of {found:,}.", n=len(found.rows), found=found.found)


def _describe_first(reading: Reading, found: RequestList) -> Iterator[Text]:
    """Yield what the first request ranks by, and its time."""
    row = dict(zip((column.name for column in found.columns), found.rows[0], strict=True))
    column = next((each for each in found.columns if each.name == reading.order_by), None)
    moment = row.get("time")
    when = moment.strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else ""
    if column is not None and column.unit is not None:
        value = format_figure(row[column.name], str(column.unit))
        if when:
            yield text("The first one: {measure} {value}, on {when}.", measure=column.title, value=value, when=when)
        else:
            yield text("The first one: {measure} {value}.", measure=column.title, value=value)
    elif when:
        yield text("The first one is of {when}.", when=when)


def compose_period(description: LogDescription) -> Answer:
    """Return which days a log covers, and how many they are."""
    if description.first is None or description.last is None:
        return Answer(kind=AnswerKind.CANNOT, text=text("The log has no dates."))
    first, last = description.first, description.last
    days = (last - first).days + 1
    return Answer(
        kind=AnswerKind.ANSWER,
        text=plural_text(
            "The log covers {first} to {last}: {n} day.",
            "The log covers {first} to {last}: {n} days.",
            first=first.isoformat(),
            last=last.isoformat(),
            n=days,
        ),
        figures=(Figure(name="Days", value=days, unit=Unit.DAYS),),
    )
