"""Lists of single requests, and the days that a log covers."""

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.language.reading import Reading
from core.i18n.text import plural_text, text
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
    sentence = plural_text(
        "{n} request, of {found:,} that match.",
        "{n} requests, of {found:,} that match.",
        n=len(found.rows),
        found=found.found,
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=sentence,
        figures=(Figure(name="Requests that match", value=found.found, unit=Unit.REQUESTS),),
        tables=(table,),
    )


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
