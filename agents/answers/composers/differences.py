"""Sentences on the difference between two figures."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.formatting import format_figure
from core.i18n.text import Text, text
from workloads.query.measures import Unit
from workloads.query.result import Column


def describe_difference(column: Column, before: Decimal, after: Decimal, labels: Sequence[str]) -> Text:
    """Return "Spend rose by $5.26 (66.2%), from $7.95 (week 5) to $13.21 (week 6)."."""
    old, new = (format_figure(value, str(column.unit)) for value in (before, after))
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
    return text(
        "{measure}: {before} ({first}), {after} ({second}). The difference is {change}.",
        measure=column.title,
        before=format_figure(before, str(column.unit)),
        first=labels[0],
        after=format_figure(after, str(column.unit)),
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
