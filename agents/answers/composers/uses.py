"""Answers to since when something is in use: the first and the last day of each group."""

from collections.abc import Mapping, Sequence

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_name
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult

MAX_SAID = 5
"""Groups that the sentence names; the table has all of them."""

MAX_ROWS = 300


def compose_use(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    whole, first, last = results[:3]
    dimension = get_dimension(reading.parts[0].query.by[0])
    since, until = _index_days(first), _index_days(last)
    names = [row[0] for row in whole.rows if row[0] is not None and row[0] in since and row[0] in until]
    if not names:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    figures = {row[0]: row[1:] for row in whole.rows}
    rows = tuple(
        (format_name(name, dimension.name), since[name], until[name], *figures[name]) for name in names[:MAX_ROWS]
    )
    columns = (
        TableColumn(name=dimension.title),
        TableColumn(name=text("First day")),
        TableColumn(name=text("Last day")),
        *(TableColumn(name=column.title, unit=str(column.unit)) for column in whole.measures),
    )
    count = Figure(name=str(dimension.many), value=len(names), unit=Unit.COUNT)
    said = [_say_since(name, dimension.name, since) for name in names[:MAX_SAID]]
    more = [text("The table has {n} more.", n=len(names) - MAX_SAID)] if len(names) > MAX_SAID else []
    scope = describe_scope(Query(where=reading.parts[0].query.where, period=reading.parts[0].query.period))
    lead = text("{many}: {n}.", many=dimension.many, n=len(names))
    others = (
        (Figure(name=str(text("more in the table")), value=len(names) - MAX_SAID, unit=Unit.COUNT),) if more else ()
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, *said, *more, scope)),
        figures=(count, *others),
        tables=(Table(title=text("First and last use in the log"), columns=columns, rows=rows),),
        notes=(text("The log shows nothing before its first day, so what is used then may be older."),),
    )


def _index_days(result: QueryResult) -> Mapping[Cell, str]:
    """Return the day of each group, as ISO text."""
    return {row[0]: format_name(row[1], "day") for row in result.rows}


def _say_since(name: Cell, dimension: str, since: Mapping[Cell, str]) -> Text:
    return text("{name} since {day}.", name=format_name(name, dimension), day=since[name])
