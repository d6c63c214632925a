"""Groups of two logs side by side, and which of them are new or gone."""

from collections.abc import Mapping, Sequence

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import format_figure, format_name
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import DIMENSIONS
from workloads.query.query import Query
from workloads.query.result import Cell, Column, QueryResult, to_decimal

Groups = Mapping[tuple[str, ...], Cell]
"""The first measure of each group, by its names."""


def compose_compared_groups(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return a table with a row for each group, and its figure in each log; the largest first."""
    query, column = reading.parts[0].query, results[0].measures[0]
    first, second = (_list_groups(query, result) for result in results[:2])
    names = sorted({**first, **second}, key=lambda name: -max(_size(first, name), _size(second, name)))
    labels = [part.label for part in reading.parts]
    table = Table(
        title=text("{measure} by {dimension}", measure=column.title, dimension=DIMENSIONS[query.by[0]].title),
        columns=(
            *(TableColumn(name=DIMENSIONS[name].title) for name in query.by),
            *(TableColumn(name=text("{label}", label=label), unit=str(column.unit)) for label in labels),
        ),
        rows=tuple((*name, first.get(name), second.get(name)) for name in names),
    )
    new, gone = [name for name in names if name not in first], [name for name in names if name not in second]
    sentences = [*_say_new(new, gone), *(() if reading.topic else _say_totals(column, labels, results))]
    figures = [
        Figure(name=f"{column.title}, {label}", value=result.total[0], unit=str(column.unit))
        for label, result in zip(labels, results, strict=False)
    ]
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", sentences), figures=tuple(figures), tables=(table,))


def _list_groups(query: Query, result: QueryResult) -> Groups:
    width = len(query.by)
    return {
        tuple(format_name(value, name) for value, name in zip(row[:width], query.by, strict=True)): row[width]
        for row in result.rows
    }


def _size(groups: Groups, name: tuple[str, ...]) -> float:
    return float(to_decimal(groups.get(name)))


def _say_new(new: Sequence[tuple[str, ...]], gone: Sequence[tuple[str, ...]]) -> list[Text]:
    said: list[Text] = []
    if new:
        said.append(text("Only in the second log: {names}.", names=_join(new)))
    if gone:
        said.append(text("Only in the first log: {names}.", names=_join(gone)))
    return said or [text("Both logs have the same ones.")]


def _join(names: Sequence[tuple[str, ...]]) -> str:
    return "; ".join(", ".join(name) for name in names[:10])


def _say_totals(column: Column, labels: Sequence[str], results: Sequence[QueryResult]) -> list[Text]:
    return [
        text(
            "{measure}, {label}: {value}.",
            measure=column.title,
            label=label,
            value=format_figure(result.total[0], str(column.unit)),
        )
        for label, result in zip(labels, results, strict=False)
    ]
