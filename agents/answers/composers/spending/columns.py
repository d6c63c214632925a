"""Answers to what a log has: what it can be grouped by, with the file's columns, and which figures it lacks."""

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.listings import compose_period
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.query.measures import MEASURES, Unit
from workloads.query.values import MAX_VALUES, LogDescription

MAX_MISSING = 6
"""Figures that the sentence names as missing."""


def compose_columns(description: LogDescription) -> Answer:
    rows = tuple(
        (each.title, each.column or None, len(each.values) if 0 < len(each.values) < MAX_VALUES else None)
        for each in description.dimensions
    )
    columns = (
        TableColumn(name=text("What")),
        TableColumn(name=text("Column of the file")),
        TableColumn(name=text("Different values"), unit=Unit.COUNT),
    )
    figures = [Figure(name=str(text("Rows")), value=description.rows, unit=Unit.COUNT)]
    said: list[Text] = [plural_text("The log has {n:,} row.", "The log has {n:,} rows.", n=description.rows)]
    if description.first is not None:
        period = compose_period(description)
        said.append(period.text)
        figures += period.figures
    named = [each.title for each in description.dimensions if each.column]
    if named:
        said.append(text("It can be grouped by {names}, and by time.", names=join_texts(", ", named)))
    missing = [MEASURES[each.measure].title for each in description.missing][:MAX_MISSING]
    if missing:
        said.append(text("It doesn't show: {names}.", names=join_texts(", ", missing)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", said),
        figures=tuple(figures),
        tables=(Table(title=text("What the log has"), columns=columns, rows=rows),),
    )
