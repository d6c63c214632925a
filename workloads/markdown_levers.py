"""The report's part about savings: each lever alone, all one after the other, and what every figure rests on."""

from collections.abc import Iterable

from workloads.escape import name, prose
from workloads.estimate import Estimate, Evidence, Unknown
from workloads.figures import PLURALS, limited, money, sentence, value
from workloads.report import Report
from workloads.table import MOST_ROWS, table

NAMES = ("model", "smaller_model", "feature")
"""Columns of details that hold names from the log or the price list."""


def levers_section(report: Report) -> Iterable[str]:
    if not report.levers:
        return
    yield "## Savings, each lever alone"
    yield ""
    yield (
        "Over the log's own span, nothing is extrapolated. Levers overlap: these figures are not to be added up. "
        "*Observed* is arithmetic on the log; *modelled* is a replay or a formula, on the assumptions listed below; "
        "*needs evaluation* means that a log cannot tell, so it is in no total."
    )
    yield ""
    promised = {drop.lever for drop in report.combination.waterfall} if report.combination else set()
    yield from table(
        ("lever", "saves", "basis", "in “can be saved”"),
        (
            (prose(one.title), _saves(one), one.basis.value, "yes" if one.name in promised else "no")
            for one in report.levers
        ),
    )


def _saves(one: Estimate) -> str:
    if one.saving is None:
        columns = ", ".join(name(column) for column in dict.fromkeys(gap.column for gap in one.unknowns) if column)
        return f"unknown, needs {columns}" if columns else "unknown"
    return _saved(one)


def _saved(one: Estimate) -> str:
    if one.saving is None:
        return "unknown"
    if not one.saving:
        return "nothing to save"
    return limited(one.saving, one.bound) if one.saving > 0 else f"would cost {money(-one.saving)} more"


def waterfall_section(report: Report) -> Iterable[str]:
    found = report.combination
    if not found or not found.waterfall:
        return
    yield "## Savings, one lever after the other"
    yield ""
    yield "Each line counts only what the lines above it leave."
    yield ""
    basis = {one.name: one.basis.value for one in report.levers}
    yield from table(
        ("lever", "spend before", "change", "spend after", "basis"),
        (
            (prose(one.title), money(one.before), money(-one.saving), money(one.after), basis[one.lever])
            for one in found.waterfall
        ),
    )


def grounds_section(report: Report) -> Iterable[str]:
    if not report.levers:
        return
    yield "## What each figure rests on"
    for one in report.levers:
        basis = "" if one.saving is None else f" ({one.basis.value})"
        yield f"\n### {prose(one.title)}: {_saved(one)}{basis}"
        yield ""
        yield f"- Computed as: {prose(sentence(one.formula))}"
        yield from (f"- Assumed: {prose(sentence(text))}" for text in one.assumptions)
        yield from (f"- Found: {_fact(fact)}" for fact in one.evidence)
        yield from (f"- Unknown: {_gap(gap)}" for gap in one.unknowns)
        if one.details:
            yield ""
            yield from _details(one)


def _fact(fact: Evidence) -> str:
    said = fact.unit in PLURALS and fact.unit in fact.label.split()
    return f"{prose(fact.label)}: {prose(value(fact.value, '' if said else fact.unit))}."


def _gap(gap: Unknown) -> str:
    return prose(gap.what) + (f"; {name(gap.column)} would tell." if gap.column else ".")


def _details(one: Estimate) -> Iterable[str]:
    columns = list(one.details[0])
    head = tuple(prose(column.removesuffix("_usd").replace("_", " ")) for column in columns)
    yield from table(
        head, (tuple(_cell(column, line[column]) for column in columns) for line in one.details[:MOST_ROWS])
    )


def _cell(column: str, found: object) -> str:
    if isinstance(found, str):
        return name(found) if column in NAMES else prose(found)
    return value(found, "USD" if column.endswith("_usd") else "")  # type: ignore[arg-type]
