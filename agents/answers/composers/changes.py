"""Answers to why spend changed."""

from collections.abc import Sequence

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.formatting import format_usd
from agents.language.reading import Part, Reading
from core.i18n.text import Figure as FigureText
from core.i18n.text import join_texts, text
from workloads.query.changes import Change, Driver
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import Unit


def compose_change(reading: Reading, change: Change, parts: Sequence[Part]) -> Answer:
    """Return why spend changed: direction, effects that add up, and what changed most."""
    first, second = parts[0].label, parts[1].label
    rose = change.amount > 0
    amount = format_usd(abs(change.amount))
    sentences = [
        text(
            "Spend rose by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FigureText(amount),
            before=FigureText(format_usd(change.before)),
            after=FigureText(format_usd(change.after)),
            first=first,
            second=second,
        )
        if rose
        else text(
            "Spend fell by {amount}, from {before} ({first}) to {after} ({second}).",
            amount=FigureText(amount),
            before=FigureText(format_usd(change.before)),
            after=FigureText(format_usd(change.after)),
            first=first,
            second=second,
        )
    ]
    if reading.premise == "fall" and rose:
        sentences.insert(0, text("Spend didn't fall, it rose."))
    elif reading.premise == "rise" and change.amount < 0:
        sentences.insert(0, text("Spend didn't rise, it fell."))
    drivers = sorted(change.drivers, key=lambda group: (group[0].dimension != reading.dimension,))
    for group in drivers[:1]:
        driver = next((d for d in group if (d.change > 0) == rose), group[0])
        sentences.append(
            text(
                "The biggest change is in {name}: from {before} to {after}.",
                name=driver.value or "(none)",
                before=FigureText(format_usd(driver.before)),
                after=FigureText(format_usd(driver.after)),
            )
        )
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
                down=down.value or "(none)",
                up=up.value or "(none)",
                a=FigureText(format_usd(down.before)),
                b=FigureText(format_usd(down.after)),
                c=FigureText(format_usd(up.before)),
                d=FigureText(format_usd(up.after)),
            )
        )
    if change.effects:
        sign = 1 if rose else -1
        largest = max(change.effects, key=lambda effect: effect.amount * sign)
        sentences.append(
            text(
                "Main cause: {cause} ({amount}).",
                cause=largest.title,
                amount=FigureText(format_usd(largest.amount)),
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


def _tabulate_drivers(group: Sequence[Driver]) -> Table:
    dimension = DIMENSIONS[group[0].dimension]
    return Table(
        title=text("Spend by {dimension}, largest changes", dimension=dimension.title),
        columns=(
            TableColumn(name=dimension.title),
            TableColumn(name=text("Before"), unit=Unit.USD),
            TableColumn(name=text("After"), unit=Unit.USD),
            TableColumn(name=text("Change"), unit=Unit.USD),
        ),
        rows=tuple((driver.value or "(none)", driver.before, driver.after, driver.change) for driver in group),
    )
