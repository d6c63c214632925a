"""The report as CSV for a spreadsheet: a row for each lever and for each step of the plan.

A spreadsheet may interpret names from a log as formulas, so a cell that starts like one gets an apostrophe."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

COLUMNS = (
    "part", "lever", "step", "saving_usd", "saving_is", "basis", "bound", "headline", "effort", "risk", "undo",
    "formula", "assumptions",
)  # fmt: skip
"""`part` is "lever" or "plan". `saving_is` is "alone" for a lever, "after the others" or "if confirmed" for a step."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that make a spreadsheet read a cell as a formula, including full-width forms."""

_AFTER_SEPARATOR = re.compile(r"(?<=[;\t])(?=[ \u00a0]?[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where another cell with a formula begins for a spreadsheet that separates cells by semicolons, as in many countries:
it doesn't know our quotation marks then."""

CsvRow = Mapping[str, str | float | bool | None]


def to_csv(report: Mapping[str, Any]) -> str:
    """Return a report, given as JSON data (docs/report.md), as CSV. An unknown saving is an empty cell, never 0."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _iter_rows(report):
        writer.writerow([format_cell(row.get(column)) for column in COLUMNS])
    return out.getvalue()


def format_cell(value: str | float | bool | None) -> str:
    """Return a value as a cell: numbers as plain decimals, formulas with an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        safe = _AFTER_SEPARATOR.sub("'", value)
        return f"'{safe}" if safe.lstrip(" \u00a0\ufeff").startswith(FORMULA_STARTS) else safe
    return f"{Decimal(str(value)):f}"


def _iter_rows(report: Mapping[str, Any]) -> Iterable[CsvRow]:
    levers: Sequence[Mapping[str, Any]] = report["levers"]
    yield from (_lever_to_row(lever) for lever in levers)
    by_name = {lever["name"]: lever for lever in levers}
    yield from (_step_to_row(item, by_name.get(item["lever"], {})) for item in report["plan"])


def _lever_to_row(lever: Mapping[str, Any]) -> CsvRow:
    return {
        "part": "lever",
        "lever": lever["title"],
        "saving_usd": lever["saving"],
        "saving_is": "unknown" if lever["saving"] is None else "alone",
        "basis": lever["basis"],
        "bound": lever["bound"],
        "headline": lever["headline"],
        "formula": lever.get("formula"),
        "assumptions": "; ".join(lever["assumptions"]),
    }


def _step_to_row(item: Mapping[str, Any], lever: Mapping[str, Any]) -> CsvRow:
    return {
        "part": "plan",
        "lever": lever.get("title", item["lever"]),
        "step": item["step"],
        "saving_usd": item["saving"],
        "saving_is": "after the others" if item["promised"] else "if confirmed",
        "basis": lever.get("basis"),
        "bound": lever.get("bound"),
        "headline": item["promised"],
        "effort": item["effort"],
        "risk": item["risk"],
        "undo": item["undo"],
    }
