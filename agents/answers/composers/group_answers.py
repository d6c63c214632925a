"""Answers about groups other than plain figures: counts of groups, ranks within groups ("the top 3 features of each
team"), statistics over groups for each of others, and none at all; the chart and the first row, as for all groups."""

from collections.abc import Mapping, Sequence

from agents.answers.answer import Answer, AnswerKind, Chart, ChartType, Figure, Table, TableColumn
from agents.answers.composers.messages import asks_for_free, compose_none_free
from agents.answers.conditions import describe_having, describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import add_missing, get_inline_title, list_inline_dimensions, list_measures
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Operator, Query
from workloads.query.result import Cell, QueryResult, to_decimal

FAILURES = frozenset({"failures", "failed_spend", "error_rate"})
MIN_POINTS = 2
MAX_SAID = 5
"""Groups that the sentence names; the table has all of them."""

STATISTICS: Mapping[str, Text] = {
    "mean": text("mean"),
    "p50": text("median (p50)"),
    "min": text("lowest"),
    "max": text("highest"),
}


def title_groups(query: Query) -> Text:
    return text("{measures} by {by}", measures=list_measures(query.measures), by=list_inline_dimensions(query.by))


def choose_chart(query: Query, table: Table, index: int = 0) -> Chart | None:
    """Return lines for figures over time, shares where they were asked for, else bars; None for two dimensions."""
    if len(query.by) != 1 or len(table.rows) < MIN_POINTS:
        return None
    x, y = str(table.columns[0].name), str(table.columns[1].name)
    dimension = get_dimension(query.by[0])
    if query.shares:
        kind = ChartType.SHARES
    else:
        kind = ChartType.LINES if dimension.is_time and query.order is None else ChartType.BARS
    return Chart(type=kind, table=index, x=x, y=(y,))


def find_lead(query: Query, result: QueryResult) -> Sequence[Cell]:
    """Return the row to begin with: the first of a ranking, else the one with the highest figure; one with names."""
    named = list_named(query, result) or result.rows
    if query.order is not None:
        return named[0]
    choose = min if is_lowest_first(query) else max
    return choose(named, key=lambda row: to_decimal(row[len(query.by)]))


def is_lowest_first(query: Query) -> bool:
    """Whether the lowest group is named: in a ranking from below, and of those that are below a limit."""
    if query.order is not None:
        return not query.order.descending
    return any(each.operator in (Operator.BELOW, Operator.AT_MOST) for each in query.having)


def list_named(query: Query, result: QueryResult) -> list[Sequence[Cell]]:
    """Return the rows of groups that have a name."""
    return [row for row in result.rows if None not in row[: len(query.by)]]


def get_limit(reading: Reading, result: QueryResult) -> tuple[Text, Figure]:
    """Return the condition on the groups in words, and its limit as a figure."""
    asked, resolved = reading.query.having[0], next(iter(result.query.having), None)
    value = (resolved or asked).value if asked.than is None or resolved is not None else None
    figure = Figure(name=str(text("limit")), value=value, unit=str(MEASURES[asked.measure].unit))
    return describe_having(asked, resolved), figure


def compose_nothing(reading: Reading, result: QueryResult, table: Table) -> Answer:
    """Return that there are no groups, or that all of them have nothing of the first measure, or nothing known."""
    if not result.rows:
        return compose_none(reading, result)
    if all(row[len(reading.query.by)] is None for row in result.rows):
        return compose_unknown(result)
    return compose_zero(reading.query, result, table)


def compose_unknown(result: QueryResult) -> Answer:
    """Return that nothing has a value of the first measure."""
    column = result.measures[0]
    why = (
        text("The rows of this log are totals, and they don't say how many requests they sum up.")
        if column.unit in (Unit.REQUESTS, Unit.USD_PER_REQUEST, Unit.TOKENS_PER_REQUEST)
        else text("No row of the log has the values that it needs.")
    )
    sentence = text("{measure}: unknown.", measure=column.title)
    return Answer(kind=AnswerKind.CANNOT, text=join_texts(" ", (sentence, why)))


def compose_zero(query: Query, result: QueryResult, table: Table) -> Answer:
    """Return that every group has 0, so that none of them is called the highest."""
    column = result.measures[0]
    zero = Figure(name=f"{column.title} (total)", value=result.total[0] or 0, unit=str(column.unit))
    sentence = (
        text("No request failed.")
        if column.name in FAILURES
        else text("{measure}: {zero} in each of them.", measure=column.title, zero=format_figure(0, str(column.unit)))
    )
    scope = describe_scope(query)
    said = add_missing(join_texts(" ", (sentence, scope)), result)
    return Answer(kind=AnswerKind.ANSWER, text=said, figures=(zero,), tables=(table,))


def compose_none(reading: Reading, result: QueryResult) -> Answer:
    """Return that no group meets a condition, or that no requests match."""
    if not reading.query.having:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    if asks_for_free(reading.query):
        return compose_none_free(reading.query)
    many, (condition, said) = get_dimension(reading.query.by[0]).many, get_limit(reading, result)
    none = Figure(name=str(text("{many}, {condition}", many=many, condition=condition)), value=0, unit=Unit.COUNT)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=text("{many} with {condition}: none.", many=many, condition=condition),
        figures=(none, said),
    )


def compose_count(reading: Reading, result: QueryResult, table: Table) -> Answer:
    """Return how many groups meet a condition: "How many users spent more than $5?"."""
    query, column = reading.query, result.measures[0]
    dimension = get_dimension(query.by[0])
    count = result.groups - any(row[0] is None for row in result.rows)
    condition, said = get_limit(reading, result)
    figures = [
        Figure(
            name=str(text("{many}, {condition}", many=dimension.many, condition=condition)),
            value=count,
            unit=Unit.COUNT,
        )
    ]
    figures.append(said)
    parts = [text("{many} with {condition}: {n}.", many=dimension.many, condition=condition, n=count)]
    if result.rows:
        first = find_lead(query, result)
        name, value = format_name(first[0], query.by[0]), format_figure(first[1], str(column.unit))
        parts.append(
            text(
                "{name} has the highest {measure}: {value}.",
                name=name,
                measure=get_inline_title(column.name),
                value=value,
            )
        )
        figures.append(Figure(name=f"{column.title}, {name}", value=first[1], unit=str(column.unit)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (*parts, describe_scope(query))), result),
        figures=tuple(figures),
        tables=(table,) if result.rows else (),
        chart=choose_chart(query, table) if result.rows else None,
    )


def compose_ranked_groups(query: Query, result: QueryResult) -> Answer:
    """Return the first groups of each value of the first dimension."""
    outer, width = query.by[0], len(query.by)
    column = result.measures[0]
    firsts: dict[str, list[Text]] = {}
    for row in result.rows:
        names = ", ".join(format_name(value, name) for value, name in zip(row[1:width], query.by[1:], strict=True))
        shown = text("{name} ({value})", name=names, value=format_figure(row[width], str(column.unit)))
        firsts.setdefault(format_name(row[0], outer), []).append(shown)
    parts = [text("{name}: {firsts}.", name=name, firsts=join_texts(", ", said)) for name, said in firsts.items()]
    lead = text("By {measure}:", measure=get_inline_title(column.name))
    more = len(parts) - MAX_SAID
    rest = [text("The table has {n} more.", n=more)] if more > 0 else []
    rows = tuple((*_format_names(query.by, row), *row[width:]) for row in result.rows)
    figures = [
        Figure(name=f"{column.title} (total)", value=value, unit=str(column.unit))
        for column, value in zip(result.measures, result.total, strict=False)
    ]
    if more > 0:
        figures.append(Figure(name=str(text("more in the table")), value=more, unit=Unit.COUNT))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (lead, *parts[:MAX_SAID], *rest, describe_scope(query))), result),
        figures=tuple(figures),
        tables=(Table(title=title_groups(query), columns=_list_columns(result), rows=rows),),
    )


def compose_grouped_statistics(query: Query, result: QueryResult) -> Answer:
    """Return a statistic over the second dimension for each value of the first: "average weekly spend by team"."""
    outer, inner = (get_dimension(name) for name in query.by)
    columns = [
        TableColumn(
            name=name_statistic(str(column.title), inner.name, statistic.value), unit=_get_unit(column.name, inner.name)
        )
        for statistic in query.statistics
        for column in result.measures
    ]
    values: dict[Cell, list[Cell]] = {}
    for name, _, *cells in result.rows:
        values.setdefault(name, []).extend(cells)
    rows = tuple((format_name(name, outer.name), *cells) for name, cells in values.items())
    table = Table(title=title_groups(query), columns=(TableColumn(name=outer.title), *columns), rows=rows)
    if not rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    first = columns[0]
    parts = [
        text("{name}: {value}", name=str(row[0]), value=format_figure(row[1], first.unit)) for row in rows[:MAX_SAID]
    ]
    lead = text(
        "{what}, by {dimension}: {groups}.",
        what=first.name,
        dimension=list_inline_dimensions((outer.name,)),
        groups=join_texts(", ", parts),
    )
    basis = text("Without requests, a {dimension} is not counted.", dimension=inner.name.replace("_", " "))
    figures = [
        Figure(name=f"{column.name}, {row[0]}", value=row[place + 1], unit=column.unit)
        for row in rows[:MAX_SAID]
        for place, column in enumerate(columns)
    ]
    by_outer = Query(measures=query.measures, by=query.by[:1], order=query.order)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (lead, basis, describe_scope(query))), result),
        figures=tuple(figures),
        tables=(table,),
        chart=choose_chart(by_outer, table),
    )


def name_statistic(measure: str, dimension: str, statistic: str) -> Text:
    """Return "Spend per week, mean"."""
    what = STATISTICS.get(statistic, text("{statistic}", statistic=statistic))
    return text("{measure} per {dimension}, {statistic}", measure=measure, dimension=dimension, statistic=what)


def _get_unit(measure: str, dimension: str) -> str:
    unit = str(MEASURES[measure].unit)
    return f"{unit}_per_{dimension}" if unit == Unit.USD else unit


def _format_names(by: Sequence[str], row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(format_name(value, name) for value, name in zip(row, by, strict=False))


def _list_columns(result: QueryResult) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in result.columns)
