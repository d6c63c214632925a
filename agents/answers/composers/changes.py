"""Answers to why spend changed."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import NO_VALUE, format_usd
from agents.language.reading import Part, Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.change.sides import Change, Driver
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit


def compose_change(reading: Reading, change: Change, parts: Sequence[Part]) -> Answer:
    """Return why spend changed: direction, effects that add up, and what changed most."""
    first, second = parts[0].label, parts[1].label
    rose = change.amount > 0
    amount = format_usd(abs(change.amount))
    sentences = [
        text(
            "Spend rose by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FormattedNumber(amount),
            before=FormattedNumber(format_usd(change.before)),
            after=FormattedNumber(format_usd(change.after)),
            first=first,
            second=second,
        )
        if rose
        else text(
            "Spend fell by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FormattedNumber(amount),
            before=FormattedNumber(format_usd(change.before)),
            after=FormattedNumber(format_usd(change.after)),
            first=first,
            second=second,
        )
    ]
    sentences = [*_correct_premise(reading.premise, change), *sentences]
    drivers = sorted(change.drivers, key=lambda group: (group[0].dimension != reading.dimension,))
    for group in drivers[:1]:
        sentences.append(_describe_driver(group, rose=_asks_rise(reading, rose=rose)))
    if reading.dimension and drivers:
        sentences = [sentences[-1], *sentences[:-1]]
    moved = next(
        (
            group
            for group in drivers
            if group[0].dimension == "model" and len(group) > 1 and group[0].change * group[1].change < 0
        ),
        None,
    )
    if moved is not None:
        down, up = sorted(moved[:2], key=lambda driver: driver.change)
        sentences.append(
            text(
                "{down} fell from {a} to {b}, while {up} rose from {c} to {d}.",
                down=down.value or NO_VALUE,
                up=up.value or NO_VALUE,
                a=FormattedNumber(format_usd(down.before)),
                b=FormattedNumber(format_usd(down.after)),
                c=FormattedNumber(format_usd(up.before)),
                d=FormattedNumber(format_usd(up.after)),
            )
        )
    if change.effects:
        sign = 1 if rose else -1
        largest = max(change.effects, key=lambda effect: effect.amount * sign)
        sentences.append(
            text(
                "Main cause: {cause} ({amount}).",
                cause=largest.title,
                amount=FormattedNumber(format_usd(largest.amount)),
            )
        )
    figures = [
        Figure(name="Difference in spend", value=change.amount, unit=Unit.USD),
        Figure(name=f"Spend, {first}", value=change.before, unit=Unit.USD),
        Figure(name=f"Spend, {second}", value=change.after, unit=Unit.USD),
    ]
    tables = []
    if change.effects:
        tables.append(
            Table(
                title=text("What the difference is made of"),
                columns=(TableColumn(name=text("Cause")), TableColumn(name=text("Effect"), unit=Unit.USD)),
                rows=tuple((effect.title, effect.amount) for effect in change.effects),
            )
        )
    for group in drivers[:4]:
        tables.append(_tabulate_drivers(group))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", sentences), figures=tuple(figures), tables=tuple(tables))


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
        title=text("Spend by {dimension}, largest changes", dimension=dimension.title),
        columns=(
            TableColumn(name=dimension.title),
            TableColumn(name=text("Before"), unit=Unit.USD),
            TableColumn(name=text("After"), unit=Unit.USD),
            TableColumn(name=text("Change"), unit=Unit.USD),
        ),
        rows=tuple((driver.value or NO_VALUE, driver.before, driver.after, driver.change) for driver in group),
    )
