"""The report's part about another model: what the log would cost with it, and what a log cannot show."""

from collections.abc import Iterable
from decimal import Decimal

from core.i18n.text import Text, text
from workloads.levers.repricing.what_if import WhatIf, WhatIfLine
from workloads.report.formatting import MAX_ROWS, ReportFormatter, format_money, render_table
from workloads.report.report import Report


def render_what_if(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    found = report.what_if
    if found is None:
        return
    title = text("What if {model} answered every request?", model=formatter.to_name(found.target))
    yield f"## {formatter.translate(title)}"
    yield ""
    yield formatter.translate(_describe_total(found))
    if found.lines:
        yield ""
        yield from render_table(
            formatter.translate_head(
                text("model"), text("rows"), text("left out"), text("cost"), text("cost then"), text("latency")
            ),
            (_to_cells(line, formatter) for line in found.lines[:MAX_ROWS]),
        )
    yield ""
    for assumption in found.assumptions:
        yield f"- {formatter.translate(text('Assumption: {assumption}', assumption=formatter.to_sentence(assumption)))}"
    for gap in found.unknowns:
        yield f"- {formatter.translate(text('Unknown: {what}.', what=formatter.to_prose(gap.what)))}"


def _describe_total(found: WhatIf) -> Text:
    if not found.lines:
        return text("No request of another model can be answered by it.")
    now, then = format_money(found.now), _format_range(found.then_least, found.then_most)
    if found.saving < 0:
        return text(
            "These requests cost {now}; the same tokens would cost {then} there, up to {more} more (modelled).",
            now=now,
            then=then,
            more=format_money(-found.saving),
        )
    return text(
        "These requests cost {now}; the same tokens would cost {then} there, {saving} less (modelled).",
        now=now,
        then=then,
        saving=format_money(found.saving),
    )


def _format_range(least: Decimal, most: Decimal) -> str:
    if least == most:
        return format_money(most)
    return text("{least} to {most}", least=format_money(least), most=format_money(most))


def _to_cells(line: WhatIfLine, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        formatter.to_name(line.model),
        f"{line.rows:,}",
        f"{line.left_out:,}",
        formatter.translate(format_money(line.now)),
        formatter.translate(_format_range(line.then_least, line.then_most)),
        formatter.translate(line.latency),
    )
