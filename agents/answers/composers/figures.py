"""Answers with one or a few figures: totals, ratios, shares of named groups, statistics over groups."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.composers.contrasts import add_difference
from agents.answers.composers.group_answers import compose_grouped_statistics, compose_ranked_groups, compose_unknown
from agents.answers.composers.groups import compose_groups
from agents.answers.composers.messages import compose_all_priced, compose_missing, compose_outside
from agents.answers.composers.money.largest_shares import compose_largest_shares
from agents.answers.composers.quotients import compose_quotient
from agents.answers.composers.series import add_series
from agents.answers.composers.stated_spend import compose_stated
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import add_missing, find_quotient, get_inline_title, state_figures
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from agents.language.rules.details.events import STATED
from agents.language.rules.details.flags import FLAG
from agents.language.rules.money.largest_shares import LARGEST_SHARES
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import UNPRICED, get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import ROW_NUMBERS, Operator, Query
from workloads.query.result import Cell, Column, QueryResult, to_decimal

_REQUESTS = Column(name="requests", title=MEASURES["requests"].title, unit=Unit.REQUESTS)


def compose_measure(reading: Reading, result: QueryResult, known: KnownLogs | None = None) -> Answer:
    """Return the answer to a plain question: the total, or the groups as a table with its largest first."""
    query = reading.query
    if reading.topic == STATED and result.requests != 0:
        return compose_stated(reading, result)
    if not result.columns:
        return compose_missing(result.missing)
    if result.requests == 0:
        return compose_outside(query, known) or _compose_nothing(query, result)
    if query.statistics or query.limit_each:
        return _compose_within_groups(query, result)
    if reading.focus and any(column.name.endswith("_share") for column in result.columns[len(query.measures) + 1 :]):
        return compose_shares(reading, result)
    return _compose_figures(reading, result, known)


def _compose_figures(reading: Reading, result: QueryResult, known: KnownLogs | None) -> Answer:
    query = reading.query
    if (quotient := find_quotient(reading)) is not None:
        return compose_quotient(reading, quotient, result)
    if reading.is_ratio and len(result.total) == 2:
        return compose_ratio(query, result)
    if reading.topic == LARGEST_SHARES:
        return compose_largest_shares(reading, result)
    composed = compose_groups(reading, result, known) if query.by else _compose_total(query, result)
    if reading.contrast is not None and not query.by and None not in result.total[:2]:
        composed = add_difference(composed, result)
    return add_series(composed, reading, result, known)


def _compose_within_groups(query: Query, result: QueryResult) -> Answer:
    if query.limit_each:
        return compose_ranked_groups(query, result)
    is_grouped = len(query.by) > 1
    return compose_grouped_statistics(query, result) if is_grouped else compose_statistics(query, result)


def _compose_nothing(query: Query, result: QueryResult) -> Answer:
    """Return that no request matches, as a figure of 0 where requests without a value were meant."""
    is_limit = any(each.field in ROW_NUMBERS for each in query.where) and "requests" in query.measures
    if is_limit:
        none = Figure(name=_name_figure(query, _REQUESTS), value=0, unit=Unit.REQUESTS)
        sentence = text("No request does. {scope}", scope=describe_scope(query))
        return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=(none,))
    if any(UNPRICED in each.values for each in query.where):
        return compose_all_priced(query)
    if not any(None in each.values for each in query.where):
        sentence = text("No requests match {scope}.", scope=describe_scope(query))
        return Answer(kind=AnswerKind.CANNOT, text=sentence)
    nothing = tuple(
        Figure(name=str(column.title), value=0, unit=str(column.unit))
        for column in result.measures
        if column.unit in (Unit.USD, Unit.REQUESTS, Unit.TOKENS)
    )
    sentence = text("None: every request has a value for that.")
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=nothing)


def _compose_total(query: Query, result: QueryResult) -> Answer:
    if all(value is None for value in result.total):
        return compose_unknown(result)
    figures = tuple(
        Figure(name=_name_figure(query, column), value=value, unit=str(column.unit))
        for column, value in zip(result.measures, result.total, strict=True)
    )
    sentence = state_figures(result.measures, result.total)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (sentence, describe_scope(query))), result),
        figures=figures,
    )


def compose_ratio(query: Query, result: QueryResult) -> Answer:
    """Return the first measure as a share of the second."""
    part, whole = (Decimal(str(value or 0)) for value in result.total)
    share = part / whole if whole else None
    first, second = result.measures
    figures = (
        Figure(
            name=str(text("Share of {whole}: {part}", whole=second.title, part=first.title)),
            value=share,
            unit=Unit.SHARE,
        ),
        *(
            Figure(name=str(c.title), value=v, unit=str(c.unit))
            for c, v in zip(result.measures, result.total, strict=True)
        ),
    )
    sentence = text(
        "{share}: the {part} is {a}, of {b} in all.",
        share=format_figure(share, Unit.SHARE),
        part=get_inline_title(first.name),
        a=format_figure(part, str(first.unit)),
        b=format_figure(whole, str(second.unit)),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (sentence, describe_scope(query))),
        figures=figures,
    )


def compose_shares(reading: Reading, result: QueryResult) -> Answer:
    """Return the shares of the groups that were asked for, and their sum if there are several."""
    query = reading.query
    dimension = query.by[0]
    rows = [row for row in result.rows if row[0] in reading.focus]
    columns = result.columns[1:]
    shares = [i for i, column in enumerate(columns) if column.unit == Unit.SHARE]
    figures = [
        Figure(name=f"{column.title}: {format_name(row[0], dimension)}", value=row[i + 1], unit=str(column.unit))
        for row in rows
        for i, column in enumerate(columns)
    ]
    if not rows:
        figures = [
            Figure(name=f"{columns[i].title}: {format_name(value, dimension)}", value=Decimal(0), unit=Unit.SHARE)
            for value in reading.focus
            for i in shares
        ]
    parts = [_say_share(row, shares[0] + 1, query) for row in rows]
    if len(rows) > 1:
        total = sum((Decimal(str(row[shares[0] + 1] or 0)) for row in rows), Decimal(0))
        figures.append(Figure(name=str(text("Share, together")), value=total, unit=Unit.SHARE))
        parts.append(text("Together: {share}.", share=format_figure(total, Unit.SHARE)))
    none = text("No request matches, so the share is {share}.", share=format_figure(Decimal(0), Unit.SHARE))
    lead = join_texts(" ", parts) if parts else none
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, describe_scope(query))),
        figures=tuple(figures),
    )


def _say_share(row: Sequence[Cell], share: int, query: Query) -> Text:
    """Return "gpt-4o makes up 31.4% of spend ($24.71)."."""
    name = format_name(row[0], query.by[0])
    part = format_figure(row[share], Unit.SHARE)
    value = format_figure(row[1], str(MEASURES[query.measures[0]].unit))
    if query.measures[0] == "spend":
        return text("{name} makes up {share} of spend ({value}).", name=name, share=part, value=value)
    if query.measures[0] == "requests":
        return text("{name} makes up {share} of requests ({value}).", name=name, share=part, value=value)
    title = get_inline_title(query.measures[0])
    return text(
        "{name} makes up {share} of the {measure} ({value}).", name=name, share=part, measure=title, value=value
    )


def compose_statistics(query: Query, result: QueryResult) -> Answer:
    dimension = get_dimension(query.by[0])
    unit = f"{result.measures[0].unit}_per_{dimension.name}"
    titles = {"mean": text("mean"), "p50": text("median (p50)"), "min": text("lowest"), "max": text("highest")}
    figures = tuple(
        Figure(
            name=f"{column.title} per {dimension.name}, {titles.get(str(row[0]), str(row[0]))}",
            value=row[i + 1],
            unit=unit if column.unit == Unit.USD else str(column.unit),
        )
        for row in result.rows
        for i, column in enumerate(result.measures)
    )
    parts = [
        text("{name}: {value}.", name=figure.name, value=format_figure(figure.value, figure.unit)) for figure in figures
    ]
    count = Figure(name=str(dimension.many), value=result.groups, unit=Unit.COUNT)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (*parts, describe_scope(query))), result),
        figures=(*figures, count),
    )


def _name_figure(query: Query, column: Column) -> str:
    scope = ", ".join(
        ", ".join(str(value) for value in each.values[:3] if value is not None)
        for each in query.where
        if each.operator is Operator.IS and each.field not in ROW_NUMBERS and not get_dimension(each.field).is_time
    )
    return f"{column.title}: {scope}" if scope else str(column.title)


def compose_part(reading: Reading, part: QueryResult, whole: QueryResult) -> Answer:
    """Return the share of the requests that meet a condition."""
    if not part.columns or not whole.columns:
        return compose_missing((*part.missing, *whole.missing))
    column = whole.measures[0]
    matching = 0 if part.requests == 0 else part.total[0]
    share = to_decimal(matching) / to_decimal(whole.total[0]) if whole.total[0] else None
    figures = (
        Figure(name=str(text("Share of {measure}", measure=column.title)), value=share, unit=Unit.SHARE),
        Figure(name=str(text("{measure}, matching", measure=column.title)), value=matching, unit=str(column.unit)),
        Figure(name=str(text("{measure}, all", measure=column.title)), value=whole.total[0], unit=str(column.unit)),
    )
    sentence = text(
        "{share}: {part} of {whole}.",
        share=format_figure(share, Unit.SHARE),
        part=format_figure(matching, str(column.unit)),
        whole=format_figure(whole.total[0], str(column.unit)),
    )
    if reading.topic == FLAG:
        sentence = text(
            "{measure}: {part}, {share} of {whole}.",
            measure=column.title,
            share=format_figure(share, Unit.SHARE),
            part=format_figure(matching, str(column.unit)),
            whole=format_figure(whole.total[0], str(column.unit)),
        )
    scope = describe_scope(reading.parts[0].query)
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, scope)), figures=figures)
