"""Say which requests an answer is about, and which figures it has."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from agents.answers.answer import Chip, ChipKind
from agents.answers.formatting import format_figure, format_name
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import MEASURES
from workloads.query.query import Filter, Operator, Query
from workloads.query.result import Cell, Column, QueryResult


def describe_query(query: Query) -> tuple[Chip, ...]:
    """Return the filters and the period of a query, each as what was understood."""
    period = _describe_period(query)
    return (
        *(Chip(kind=ChipKind.FILTER, label=_describe_filter(each)) for each in query.where),
        *((Chip(kind=ChipKind.PERIOD, label=period),) if period is not None else ()),
    )


def describe_scope(query: Query) -> Text:
    parts = describe_query(query)
    return text("({scope})", scope=join_texts("; ", [chip.label for chip in parts])) if parts else join_texts("", ())


def _describe_period(query: Query) -> Text | None:
    start, end = query.period.start, query.period.end
    if start and end:
        last = (end - timedelta(microseconds=1)).date()
        if last == start.date():
            return text("on {day}", day=last.isoformat())
        return text("{first} to {last}", first=start.date().isoformat(), last=last.isoformat())
    if start:
        return text("since {day}", day=start.date().isoformat())
    return text("before {day}", day=end.date().isoformat()) if end else None


def _describe_filter(each: Filter) -> Text:
    title = (
        DIMENSIONS[each.field].title
        if each.field in DIMENSIONS
        else MEASURES[each.field].title
        if each.field in MEASURES
        else text("value")
    )
    values = ", ".join(
        f"{value:,}"
        if isinstance(value, Decimal | int) and each.field not in DIMENSIONS
        else format_name(value, each.field)
        for value in each.values[:6]
    )
    match each.operator:
        case Operator.IS:
            return text("{title}: {values}", title=title, values=values)
        case Operator.IS_NOT:
            return text("{title}: not {values}", title=title, values=values)
        case Operator.CONTAINS:
            return text("{title} contains “{values}”", title=title, values=values)
        case Operator.LACKS:
            return text("{title} doesn't contain “{values}”", title=title, values=values)
        case Operator.ABOVE | Operator.AT_LEAST:
            return text("{title} above {values}", title=title, values=values)
        case _:
            return text("{title} below {values}", title=title, values=values)


def describe_figures(columns: Sequence[Column], values: Sequence[Cell]) -> Text:
    return join_texts(
        "; ",
        [
            text("{measure}: {value}", measure=column.title, value=format_figure(value, str(column.unit)))
            for column, value in zip(columns, values, strict=False)
        ],
    )


def add_missing(sentence: Text, result: QueryResult) -> Text:
    reasons = [each.why for each in result.missing]
    return join_texts(" ", (sentence, *reasons))
