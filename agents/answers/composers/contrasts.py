"""Sentences and figures on a pair: the difference of two figures, and how many times one the other is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agents.answers.answer import Answer, Figure
from agents.answers.formatting import format_aligned, format_figure
from agents.language.reading import Contrast
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import Cell, Column, QueryResult, to_decimal

MANY_TIMES = 3
"""From here on one decimal tells enough."""

RATES = frozenset({"cost_per_request"})
"""Measures that are said beside the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A measure of two things: what they are called, and their figures, none of them unknown."""

    column: Column
    names: tuple[str, str]
    values: tuple[Decimal, Decimal]

    @property
    def difference(self) -> Decimal:
        return abs(self.values[0] - self.values[1])

    @property
    def ratio(self) -> Decimal | None:
        """The first as a multiple of the second; None where that is 0 or one of them is negative."""
        first, second = self.values
        return first / second if second > 0 and first >= 0 else None


def list_pairs(
    columns: Sequence[Column], names: tuple[str, str], first: Sequence[Cell], second: Sequence[Cell]
) -> list[Pair]:
    """Return the pairs of the first measure, and of the rates beside it, that are known."""
    return [
        Pair(column=column, names=names, values=(to_decimal(a), to_decimal(b)))
        for place, (column, a, b) in enumerate(zip(columns, first, second, strict=False))
        if (not place or column.name in RATES) and a is not None and b is not None
    ]


def state_contrast(contrast: Contrast, pairs: Sequence[Pair]) -> tuple[Text, list[Figure]]:
    """Return a sentence for each pair, and the figures in it."""
    state = _state_times if contrast is Contrast.TIMES else state_difference
    return join_texts(" ", [state(pair) for pair in pairs]), [each for pair in pairs for each in list_figures(pair)]


def list_figures(pair: Pair) -> list[Figure]:
    """Return the difference, and the ratio as it is asked for and as it is said."""
    title, unit = pair.column.title, str(pair.column.unit)
    figures = [Figure(name=str(text("{measure}, difference", measure=title)), value=pair.difference, unit=unit)]
    ratios = dict.fromkeys(each for each in (pair.ratio, _get_multiple(pair)) if each is not None)
    name = str(text("{measure}, ratio", measure=title))
    return [*figures, *(Figure(name=name, value=each, unit=Unit.RATIO) for each in ratios)]


def _state_times(pair: Pair) -> Text:
    """Return "Spend: gpt-4o is 9.7 times gpt-4o-mini ($24.71 and $2.55)."."""
    if pair.ratio is None:
        return state_difference(pair)
    first, second = format_aligned(pair.values, str(pair.column.unit))
    return text(
        "{measure}: {first} is {ratio} times {second} ({a} and {b}).",
        measure=pair.column.title,
        first=pair.names[0],
        second=pair.names[1],
        ratio=format_ratio(pair.ratio),
        a=first,
        b=second,
    )


def state_difference(pair: Pair) -> Text:
    """Return "Spend: gpt-4o $24.71, gpt-4o-mini $2.55. The difference is $22.16; gpt-4o is 9.7 times gpt-4o-mini."."""
    first, second = format_aligned(pair.values, str(pair.column.unit))
    values = {
        "measure": pair.column.title,
        "first": pair.names[0],
        "a": first,
        "second": pair.names[1],
        "b": second,
        "difference": _format_difference(pair),
    }
    multiple = _get_multiple(pair)
    if multiple is None:
        return text("{measure}: {first} {a}, {second} {b}. The difference is {difference}.", **values)
    high, low = _order_names(pair)
    return text(
        "{measure}: {first} {a}, {second} {b}. The difference is {difference}; {high} is {ratio} times {low}.",
        **values,
        high=high,
        low=low,
        ratio=format_ratio(multiple),
    )


def say_gap(pair: Pair) -> Text:
    """Return "That is 9.7 times the other; the difference is $22.16." of the higher one."""
    multiple = _get_multiple(pair)
    if multiple is None:
        return text("The difference is {difference}.", difference=_format_difference(pair))
    return text(
        "That is {ratio} times the other; the difference is {difference}.",
        ratio=format_ratio(multiple),
        difference=_format_difference(pair),
    )


def add_difference(answer: Answer, result: QueryResult) -> Answer:
    """Return the answer with the difference of its two measures first: "input minus cached tokens"."""
    difference = abs(to_decimal(result.total[0]) - to_decimal(result.total[1]))
    unit = str(result.measures[0].unit)
    said = text("The difference is {difference}.", difference=format_figure(difference, unit))
    figure = Figure(name=str(text("Difference")), value=difference, unit=unit)
    return replace(answer, text=join_texts(" ", (said, answer.text)), figures=(figure, *answer.figures))


def _format_difference(pair: Pair) -> Text:
    if pair.column.unit == Unit.SHARE:
        return text("{points:.1f} percentage points", points=float(pair.difference * 100))
    return text("{size}", size=format_figure(pair.difference, str(pair.column.unit)))


def _order_names(pair: Pair) -> tuple[str, str]:
    first, second = pair.names
    return (first, second) if pair.values[0] >= pair.values[1] else (second, first)


def _get_multiple(pair: Pair) -> Decimal | None:
    """Return how many times the lower figure the higher one is, if they differ."""
    low, high = sorted(pair.values)
    return high / low if 0 < low < high else None


def format_ratio(ratio: Decimal) -> FormattedNumber:
    """Return a multiple with at least two digits that tell: 9.7, 1.28, 1,085.5, 0.0092."""
    if ratio >= MANY_TIMES:
        return FormattedNumber(f"{ratio:,.1f}")
    return FormattedNumber(f"{ratio:.2f}" if ratio >= Decimal("0.1") or not ratio else f"{ratio:.2g}")


def describe_difference(column: Column, before: Decimal, after: Decimal, labels: Sequence[str]) -> Text:
    """Return "Spend rose by $5.26 (66.2%), from $7.95 (week 5) to $13.21 (week 6)."."""
    old, new = format_aligned((before, after), str(column.unit))
    if before == after:
        return text("{measure} didn't change: {value}.", measure=column.title, value=old)
    values = {
        "measure": column.title,
        "change": _describe_size(column, before, after),
        "before": old,
        "after": new,
        "first": labels[0],
        "second": labels[1],
    }
    if after > before:
        return text("{measure} rose by {change}, from {before} ({first}) to {after} ({second}).", **values)
    return text("{measure} fell by {change}, from {before} ({first}) to {after} ({second}).", **values)


def describe_gap(column: Column, before: Decimal, after: Decimal, labels: Sequence[str]) -> Text:
    """Return "Spend: $1.52 (weekends), $10.52 (weekdays). The difference is $9.00 (590.1%)."."""
    old, new = format_aligned((before, after), str(column.unit))
    return text(
        "{measure}: {before} ({first}), {after} ({second}). The difference is {change}.",
        measure=column.title,
        before=old,
        first=labels[0],
        after=new,
        second=labels[1],
        change=_describe_size(column, before, after),
    )


def _describe_size(column: Column, before: Decimal, after: Decimal) -> Text:
    difference = abs(after - before)
    if column.unit == Unit.SHARE:
        return text("{points:.1f} percentage points", points=float(difference * 100))
    size = format_figure(difference, str(column.unit))
    if not before:
        return text("{size}", size=size)
    return text("{size} ({share})", size=size, share=format_figure(difference / before, Unit.SHARE))
