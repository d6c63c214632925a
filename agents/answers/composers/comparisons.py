"""Answers that set two or more results side by side."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.missing import compose_missing
from agents.answers.formatting import format_figure
from agents.answers.phrases import state_figures
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import Column, QueryResult


def compose_comparison(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return two or more results side by side, with differences if there are two."""
    if not results[0].columns:
        return compose_missing(results[0].missing)
    labels = [part.label for part in reading.parts]
    columns = results[0].measures
    rows = [(label, *result.total) for label, result in zip(labels, results, strict=True)]
    figures = [
        Figure(name=f"{column.title}, {label}", value=value, unit=str(column.unit))
        for label, result in zip(labels, results, strict=True)
        for column, value in zip(columns, result.total, strict=True)
    ]
    sentences = [
        text("{label}: {figures}", label=label, figures=state_figures(columns, result.total))
        for label, result in zip(labels, results, strict=True)
    ]
    if len(results) == 2:
        for i, column in enumerate(columns):
            before, after = (result.total[i] for result in results)
            if before is None or after is None:
                continue
            difference = Decimal(str(after)) - Decimal(str(before))
            figures.append(Figure(name=f"{column.title}, difference", value=difference, unit=str(column.unit)))
            if before:
                figures.append(
                    Figure(name=f"{column.title}, change", value=difference / Decimal(str(before)), unit=Unit.SHARE)
                )
            if i == 0:
                sentences.insert(0, _describe_difference(column, difference, labels, reading.premise))
    table = Table(
        title=text("Comparison"),
        columns=(
            TableColumn(name=text("What")),
            *(TableColumn(name=column.title, unit=str(column.unit)) for column in columns),
        ),
        rows=tuple(rows),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", sentences),
        figures=tuple(figures),
        tables=(table,),
    )


def _describe_difference(column: Column, difference: Decimal, labels: Sequence[str], premise: str) -> Text:
    shown = format_figure(abs(difference), str(column.unit))
    if not difference:
        return text("{measure} did not change.", measure=column.title)
    if difference > 0:
        return text(
            "{measure} rose by {value} from {first} to {second}.",
            measure=column.title,
            value=shown,
            first=labels[0],
            second=labels[1],
        )
    return text(
        "{measure} fell by {value} from {first} to {second}.",
        measure=column.title,
        value=shown,
        first=labels[0],
        second=labels[1],
    )
