"""Answers with so much of one figure for so much of another: failed requests per 1,000 requests, tokens per dollar."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.group_answers import choose_chart
from agents.answers.composers.messages import compose_missing
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import add_missing, list_inline_dimensions, name_group, name_quotient
from agents.language.reading import Quotient, Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import MEASURES, Unit
from workloads.query.result import Cell, QueryResult, to_decimal

MAX_ROWS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    names: tuple[Cell, ...]
    cells: tuple[Cell, ...]
    value: Decimal


def compose_quotient(reading: Reading, quotient: Quotient, result: QueryResult) -> Answer:
    """Return the quotient of all requests in question, and that of each group if there are any."""
    if len(result.total) < 2 or result.missing:
        return compose_missing(result.missing)
    title, unit, query = name_quotient(quotient), get_unit(quotient), reading.query
    total = _divide(quotient, result.total)
    figures = [
        Figure(name=str(title), value=total, unit=unit),
        *(
            Figure(name=str(column.title), value=value, unit=str(column.unit))
            for column, value in zip(result.measures, result.total, strict=True)
        ),
    ]
    if total is None:
        said = text("{what}: unknown.", what=title)
        return Answer(kind=AnswerKind.CANNOT, text=join_texts(" ", (said, describe_scope(query))))
    parts = [
        text("{measure}: {value}", measure=column.title, value=format_figure(value, str(column.unit)))
        for column, value in zip(result.measures, result.total, strict=True)
    ]
    basis = text("({parts})", parts=join_texts("; ", parts))
    whole = text("{what}: {value} {basis}.", what=title, value=format_figure(total, unit), basis=basis)
    if query.by:
        whole = text("All together: {value} {basis}.", value=format_figure(total, unit), basis=basis)
    else:
        said = add_missing(join_texts(" ", (whole, describe_scope(query))), result)
        return Answer(kind=AnswerKind.ANSWER, text=said, figures=tuple(figures))
    groups = _rank_groups(reading, quotient, result)
    table = _tabulate(reading, quotient, result, groups)
    lead: tuple[Text, ...] = ()
    if len(groups) > 1:
        lead = (_describe_first(reading, groups[0], title, unit),)
        figures.append(Figure(name=str(title), value=groups[0].value, unit=unit))
    said = add_missing(join_texts(" ", (*lead, whole, describe_scope(query))), result)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=said,
        figures=tuple(figures),
        tables=(table,),
        chart=choose_chart(query, table),
    )


def get_unit(quotient: Quotient) -> str:
    """Return usd_per_100_requests for money, and for anything else the unit of the part."""
    unit = str(MEASURES[quotient.part].unit)
    if unit != Unit.USD:
        return unit
    return f"usd_per_{quotient.size.normalize():f}_{quotient.whole}"


def _divide(quotient: Quotient, cells: Sequence[Cell]) -> Decimal | None:
    part, whole = cells[:2]
    if part is None or whole is None or not to_decimal(whole):
        return None
    return to_decimal(part) * quotient.size / to_decimal(whole)


def _rank_groups(reading: Reading, quotient: Quotient, result: QueryResult) -> list[_Group]:
    """Return the groups for which the quotient is known: the highest first, or the lowest if that is asked for."""
    width = len(reading.query.by)
    groups = [
        _Group(names=row[:width], cells=row[width : width + 2], value=value)
        for row in result.rows
        if (value := _divide(quotient, row[width : width + 2])) is not None
    ]
    return sorted(groups, key=lambda group: (None in group.names, -group.value if reading.descending else group.value))


def _tabulate(reading: Reading, quotient: Quotient, result: QueryResult, groups: Sequence[_Group]) -> Table:
    by = reading.query.by
    rows = tuple(
        (
            *(format_name(name, dimension) for name, dimension in zip(group.names, by, strict=True)),
            group.value,
            *group.cells,
        )
        for group in groups[:MAX_ROWS]
    )
    title = name_quotient(quotient)
    named, measured = result.columns[: len(by)], result.measures
    return Table(
        title=text("{measures} by {by}", measures=title, by=list_inline_dimensions(by)),
        columns=(
            *(TableColumn(name=column.title) for column in named),
            TableColumn(name=title, unit=get_unit(quotient)),
            *(TableColumn(name=column.title, unit=str(column.unit)) for column in measured),
        ),
        rows=rows,
    )


def _describe_first(reading: Reading, group: _Group, title: Text, unit: str) -> Text:
    values = {
        "name": name_group(group.names, reading.query.by),
        "what": title,
        "value": format_figure(group.value, unit),
    }
    if reading.descending:
        return text("{what}: {name} has the highest, {value}.", **values)
    return text("{what}: {name} has the lowest, {value}.", **values)
