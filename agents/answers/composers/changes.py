"""Answers to why spend changed."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import NO_VALUE, format_usd
from agents.answers.phrases import list_inline_dimensions
from agents.language.reading import Part, Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.change.sides import Change, Driver
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit

MAX_TABLES = 4
"""Dimensions whose values are listed by how much they changed."""


def compose_change(reading: Reading, change: Change, parts: Sequence[Part]) -> Answer:
    """Return why spend changed: direction, effects that add up, and what changed most."""
    first, second = parts[0].label, parts[1].label
    is_in_time = parts[0].query.where == parts[1].query.where
    compared = set() if is_in_time else {each.field for each in (*parts[0].query.where, *parts[1].query.where)}
    drivers = [group for group in change.drivers if group[0].dimension not in compared]
    drivers.sort(key=lambda group: (group[0].dimension != reading.dimension,))
    describe = _describe_direction if is_in_time else _describe_gap
    sentences = [*(_correct_premise(reading.premise, change) if is_in_time else ()), describe(change, first, second)]
    rose = _asks_rise(reading, rose=change.amount > 0)
    driver = [
        _describe_driver(group, rose=rose)
        if is_in_time
        else _describe_contrast(group, rose=rose, labels=(first, second))
        for group in drivers[:1]
    ]
    # What was asked for comes first: "which feature grew most?".
    sentences = [*driver, *sentences] if reading.dimension else [*sentences, *driver]
    figures = (
        Figure(name="Difference in spend", value=change.amount, unit=Unit.USD),
        Figure(name=f"Spend, {first}", value=change.before, unit=Unit.USD),
        Figure(name=f"Spend, {second}", value=change.after, unit=Unit.USD),
    )
    tables = (*_tabulate_effects(change), *(_tabulate_drivers(group) for group in drivers[:MAX_TABLES]))
    said = (*sentences, *(_describe_move(drivers) if is_in_time else ()), *_describe_main_cause(change))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", said), figures=figures, tables=tables)


def _describe_direction(change: Change, first: str, second: str) -> Text:
    values = {
        "amount": FormattedNumber(format_usd(abs(change.amount))),
        "before": FormattedNumber(format_usd(change.before)),
        "after": FormattedNumber(format_usd(change.after)),
        "first": first,
        "second": second,
    }
    if change.amount > 0:
        return text("Spend rose by {amount}, from {before} ({first}) to {after} ({second}).", **values)
    return text("Spend fell by {amount}, from {before} ({first}) to {after} ({second}).", **values)


def _describe_gap(change: Change, first: str, second: str) -> Text:
    """Return "Spend: $1.16 (doc-search), $0.10 (chat-help). The difference is $1.07."."""
    return text(
        "Spend: {before} ({first}), {after} ({second}). The difference is {amount}.",
        amount=FormattedNumber(format_usd(abs(change.amount))),
        before=FormattedNumber(format_usd(change.before)),
        after=FormattedNumber(format_usd(change.after)),
        first=first,
        second=second,
    )


def _describe_contrast(group: Sequence[Driver], *, rose: bool, labels: tuple[str, str]) -> Text:
    """Return where two names differ most."""
    sign = 1 if rose else -1
    driver = max(group, key=lambda each: each.change * sign)
    return text(
        "They differ most in {name}: {before} ({first}), {after} ({second}).",
        name=driver.value or NO_VALUE,
        before=FormattedNumber(format_usd(driver.before)),
        after=FormattedNumber(format_usd(driver.after)),
        first=labels[0],
        second=labels[1],
    )


def _describe_move(drivers: Sequence[Sequence[Driver]]) -> tuple[Text, ...]:
    """Return which model took over from which, if one of the two that changed most fell and the other rose."""
    models = next((group for group in drivers if group[0].dimension == "model" and len(group) > 1), None)
    if models is None or models[0].change * models[1].change >= 0:
        return ()
    down, up = sorted(models[:2], key=lambda driver: driver.change)
    return (
        text(
            "{down} fell from {a} to {b}, while {up} rose from {c} to {d}.",
            down=down.value or NO_VALUE,
            up=up.value or NO_VALUE,
            a=FormattedNumber(format_usd(down.before)),
            b=FormattedNumber(format_usd(down.after)),
            c=FormattedNumber(format_usd(up.before)),
            d=FormattedNumber(format_usd(up.after)),
        ),
    )


def _describe_main_cause(change: Change) -> tuple[Text, ...]:
    if not change.effects:
        return ()
    sign = 1 if change.amount > 0 else -1
    largest = max(change.effects, key=lambda effect: effect.amount * sign)
    amount = FormattedNumber(format_usd(largest.amount))
    return (text("Main cause: {cause} ({amount}).", cause=largest.title, amount=amount),)


def _tabulate_effects(change: Change) -> tuple[Table, ...]:
    if not change.effects:
        return ()
    columns = (TableColumn(name=text("Cause")), TableColumn(name=text("Effect"), unit=Unit.USD))
    rows = tuple((effect.title, effect.amount) for effect in change.effects)
    return (Table(title=text("What the difference is made of"), columns=columns, rows=rows),)


def _asks_rise(reading: Reading, *, rose: bool) -> bool:
    """Whether the groups that rose are of interest, as the question says, or else as spend changed."""
    if reading.dimension and reading.premise in ("rise", "fall"):
        return reading.premise == "rise"
    return rose


def _correct_premise(premise: str, change: Change) -> list[Text]:
    if premise == "fall" and change.amount > 0:
        return [text("Spend didn't fall, it rose.")]
    if premise in ("rise", "double") and change.amount < 0:
        return [text("Spend didn't rise, it fell.")]
    if premise == "double" and change.after < change.before * Decimal("1.9"):
        return [text("Spend didn't double.")]
    return []


def _describe_driver(group: Sequence[Driver], *, rose: bool) -> Text:
    """Return the largest change in a direction, or of all if there is none."""
    sign = 1 if rose else -1
    driver = max(group, key=lambda each: each.change * sign)
    values = {
        "name": driver.value or NO_VALUE,
        "before": FormattedNumber(format_usd(driver.before)),
        "after": FormattedNumber(format_usd(driver.after)),
    }
    if driver.change > 0:
        return text("{name} rose most: from {before} to {after}.", **values)
    return text("{name} fell most: from {before} to {after}.", **values)


def _tabulate_drivers(group: Sequence[Driver]) -> Table:
    dimension = get_dimension(group[0].dimension)
    return Table(
        title=text("Spend by {dimension}, largest changes", dimension=list_inline_dimensions((dimension.name,))),
        columns=(
            TableColumn(name=dimension.title),
            TableColumn(name=text("Before"), unit=Unit.USD),
            TableColumn(name=text("After"), unit=Unit.USD),
            TableColumn(name=text("Change"), unit=Unit.USD),
        ),
        rows=tuple((driver.value or NO_VALUE, driver.before, driver.after, driver.change) for driver in group),
    )
