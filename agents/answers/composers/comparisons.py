"""Answers that set two or more results side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.bounds import compose_bound
from agents.answers.composers.compared_groups import compose_compared_groups
from agents.answers.composers.contrasts import describe_difference, describe_gap, list_pairs, state_contrast
from agents.answers.composers.durations import compose_duration
from agents.answers.composers.messages import compose_missing
from agents.answers.composers.uses import compose_use
from agents.answers.phrases import state_figures
from agents.language.reading import Contrast, Reading
from agents.language.rules.details.bounds import BOUND
from agents.language.rules.details.durations import DURATION
from agents.language.rules.details.uses import USE
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import Column, QueryResult, to_decimal

COMPOSERS: Mapping[str, Callable[[Reading, Sequence[QueryResult]], Answer]] = MappingProxyType(
    {USE: compose_use, DURATION: compose_duration, BOUND: compose_bound}
)
"""Topics that are answered in their own way."""


MAX_NAMES, PAIR = 10, 2


def compose_comparison(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return two or more results side by side, with differences if there are two."""
    if not results[0].columns:
        return compose_missing(results[0].missing)
    if reading.topic in COMPOSERS:
        return COMPOSERS[reading.topic](reading, results)
    query = reading.parts[0].query
    if query.by and not query.statistics:
        return compose_compared_groups(reading, results)
    results = [_take_statistic(each) if query.statistics else each for each in results]
    labels = [part.label for part in reading.parts]
    columns = results[0].measures
    rows = [(label, *result.total) for label, result in zip(labels, results, strict=True)]
    figures = [
        Figure(name=f"{column.title}, {label}", value=value, unit=str(column.unit))
        for label, result in zip(labels, results, strict=True)
        for column, value in zip(columns, result.total, strict=True)
    ]
    sentences = [_state_part(label, columns, result) for label, result in zip(labels, results, strict=True)]
    if len(results) == 2:
        changes = [
            (column, to_decimal(before), to_decimal(after))
            for column, before, after in zip(columns, results[0].total, results[1].total, strict=True)
            if before is not None and after is not None
        ]
        figures += [figure for change in changes for figure in _list_differences(*change)]
        is_in_time = reading.parts[0].query.where == reading.parts[1].query.where
        describe = describe_difference if is_in_time else describe_gap
        sentences = [describe(*change, labels) for change in changes] or sentences
        if reading.contrast is not None and changes:
            stated, more = _state_contrast(reading, results)
            is_told = is_in_time and reading.contrast is Contrast.DIFFERENCE  # "rose by" says it
            sentences, figures = (sentences if is_told else [stated]), [*figures, *more]
        sentences = [*_correct_premise(reading.premise, changes), *sentences]
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
        text=join_texts(" ", (*sentences, *_name_families(reading))),
        figures=tuple(figures),
        tables=(table,),
    )


def _name_families(reading: Reading) -> list[Text]:
    """Return which models each side stands for, if it is several: "OpenAI: gpt-4o, o3."."""
    sides = [(part.label, each) for part in reading.parts for each in part.query.where if each.field == "model"]
    if len({each for _, each in sides}) < PAIR or all(len(each.values) == 1 for _, each in sides):
        return []
    named = ((label, ", ".join(str(value) for value in each.values[:MAX_NAMES])) for label, each in sides)
    return [text("{label}: {names}.", label=label, names=names) for label, names in named]


def _state_contrast(reading: Reading, results: Sequence[QueryResult]) -> tuple[Text, list[Figure]]:
    """Return how many times the earlier period the later one is, or the first name the second; or the difference."""
    is_in_time = reading.parts[0].query.where == reading.parts[1].query.where
    one, other = (1, 0) if is_in_time else (0, 1)
    names = (reading.parts[one].label, reading.parts[other].label)
    pairs = list_pairs(results[0].measures, names, results[one].total, results[other].total)
    return state_contrast(reading.contrast or Contrast.DIFFERENCE, pairs)


def _take_statistic(result: QueryResult) -> QueryResult:
    """Return the result with its statistic in place of the total: "per day in each log"."""
    return replace(result, total=tuple(result.rows[0][1:]) if result.rows else result.total)


def _state_part(label: str, columns: Sequence[Column], result: QueryResult) -> Text:
    return text("{label}: {figures}", label=label, figures=state_figures(columns, result.total))


def _list_differences(column: Column, before: Decimal, after: Decimal) -> list[Figure]:
    difference = Figure(name=f"{column.title}, difference", value=after - before, unit=str(column.unit))
    if not before:
        return [difference]
    return [difference, Figure(name=f"{column.title}, change", value=(after - before) / before, unit=Unit.SHARE)]


def _correct_premise(premise: str, changes: Sequence[tuple[Column, Decimal, Decimal]]) -> list[Text]:
    """Return the correction where the question takes a rise or fall for granted that wasn't one."""
    if not changes:
        return []
    column, before, after = changes[0]
    if premise == "rise" and after < before:
        return [text("{measure} didn't rise, it fell.", measure=column.title)]
    if premise == "fall" and after > before:
        return [text("{measure} didn't fall, it rose.", measure=column.title)]
    return []
