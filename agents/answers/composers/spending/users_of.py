"""Answers to who uses what: the groups with requests of each name, or of one but not of the others."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.groups import compose_groups
from agents.answers.composers.messages import compose_missing
from agents.answers.conditions import describe_period, describe_scope
from agents.answers.formatting import format_name
from agents.answers.phrases import list_inline_dimensions
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from agents.language.rules.spending.users_of import ALL_OF, WITHOUT
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.result import Cell, QueryResult, to_decimal

MAX_SAID, MAX_ROWS = 8, 300
"""Groups that the sentence names, and the table."""


def compose_users_of(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return the groups that have any of the named requests, then the first of them."""
    result = results[0]
    if not result.columns:
        return compose_missing(result.missing)
    names = [row[0] for row in result.rows if row[0] is not None]
    if not names:
        return Answer(
            kind=AnswerKind.CANNOT, text=text("No requests match {scope}.", scope=describe_scope(reading.query))
        )
    composed = compose_groups(reading, result, known)
    count, lead = _say_names(reading.query.by[0], names)
    return replace(composed, text=join_texts(" ", (lead, composed.text)), figures=(count, *composed.figures))


def compose_shared(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return the groups that are in all results; of WITHOUT, in the first one only."""
    if any(not each.columns for each in results):
        return compose_missing([missing for each in results for missing in each.missing])
    dimension = get_dimension(reading.parts[0].query.by[0])
    spends: list[dict[Cell, Cell]] = [{row[0]: row[1] for row in each.rows if row[0] is not None} for each in results]
    if any(each.groups > len(each.rows) for each in results):
        many = text("There are too many of them to compare: {many}.", many=dimension.many)
        return Answer(kind=AnswerKind.CANNOT, text=many)
    first, *others = spends
    is_without = reading.topic == WITHOUT
    names = [name for name in first if all((name in other) != is_without for other in others)]
    shown = spends[:1] if is_without else spends
    names.sort(key=lambda name: -sum((to_decimal(each[name]) for each in shown), Decimal(0)))
    count, lead = _say_names(dimension.name, names)
    scope = _describe_parts(reading)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (lead, scope)),
        figures=(count,),
        tables=(_tabulate(reading, names, shown),) if names else (),
    )


def _say_names(dimension: str, names: Sequence[Cell]) -> tuple[Figure, Text]:
    """Return how many groups there are, and "Features: 4 (a, b, c, d)."."""
    many = get_dimension(dimension).many
    count = Figure(name=str(many), value=len(names), unit=Unit.COUNT)
    said = [format_name(name, dimension) for name in names[:MAX_SAID]]
    listed = ", ".join([*said, "…"] if len(names) > MAX_SAID else said)
    if not names:
        return count, text("{many}: none.", many=many)
    return count, text("{many}: {n} ({names}).", many=many, n=len(names), names=listed)


def _describe_parts(reading: Reading) -> Text:
    labels = [part.label for part in reading.parts if part.label]
    query = reading.parts[0].query
    period = describe_period(query.period)
    when = [period] if period is not None else []
    if reading.topic == ALL_OF:
        what = text("With requests of each: {names}", names=", ".join(labels))
    elif reading.parts[0].label:
        what = text("With requests of {first}, without: {names}", first=labels[0], names=", ".join(labels[1:]))
    else:
        what = text("Without requests of: {names}", names=", ".join(labels))
    return text("({scope})", scope=join_texts("; ", (what, *when)))


def _tabulate(reading: Reading, names: Sequence[Cell], spends: Sequence[dict[Cell, Cell]]) -> Table:
    dimension = get_dimension(reading.parts[0].query.by[0])
    labels = [part.label for part in reading.parts]
    titles = [text("Spend, {name}", name=label) if label else text("Spend") for label in labels[: len(spends)]]
    columns = (TableColumn(name=dimension.title), *(TableColumn(name=title, unit=Unit.USD) for title in titles))
    rows = tuple((format_name(n, dimension.name), *(each[n] for each in spends)) for n in names[:MAX_ROWS])
    return Table(
        title=text("Spend by {dimension}", dimension=list_inline_dimensions((dimension.name,))),
        columns=columns,
        rows=rows,
    )
