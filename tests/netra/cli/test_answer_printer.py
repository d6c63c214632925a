"""Answers in a terminal of 60 columns."""

from io import StringIO
from typing import Any

from rich.console import Console

from netra.cli.output import print_answer

NAMES = [f"Column {place}" for place in range(9)]


def render(columns: int) -> str:
    out = StringIO()
    table = {
        "title": "Requests",
        "columns": [{"name": name, "unit": ""} for name in NAMES[:columns]],
        "rows": [[f"value-{place}" if place != 1 else None for place in range(columns)]],
    }
    answer: Any = {"text": "Found.", "tables": [table], "notes": [], "choices": [], "suggestions": []}
    print_answer(Console(file=out, width=60, color_system=None), answer)
    return out.getvalue()


def test_a_table_that_fits_has_lines() -> None:
    assert "│ value-0  │" in render(3)


def test_a_table_with_too_many_columns_is_a_list_of_values() -> None:
    printed = render(9)
    assert "│" not in printed
    lines = [line.split() for line in printed.splitlines()]
    assert ["Column", "8", "value-8"] in lines
    assert "Column 1" not in printed  # it has no value
