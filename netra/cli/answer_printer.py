"""Print an answer in a terminal: its text, its tables with aligned columns, notes and what can be asked next."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.answers.answer import AnswerData
from agents.answers.formatting import format_figure
from workloads.report.escaping import escape_terminal

MAX_ROWS = 30
"""Rows that are printed of a table; --json has all of them."""


def print_answer(console: Console, answer: AnswerData, question: str | None = None) -> None:
    """Print an answer's JSON data (docs/answers.md); names from the log are escaped."""
    if question is not None:
        console.print(Text(f"> {escape_terminal(question)}", style="bold"), soft_wrap=True)
    console.print(Text(_escape_lines(answer["text"])), soft_wrap=True)
    for table in answer["tables"]:
        console.print()
        _print_table(console, table)
    for note in answer["notes"]:
        console.print(Text(_escape_lines(note), style="dim"), soft_wrap=True)
    for choice in answer["choices"]:
        console.print(Text(f"  - {escape_terminal(choice['label'])}"), soft_wrap=True)
    if answer["suggestions"]:
        asks = " · ".join(escape_terminal(each) for each in answer["suggestions"])
        console.print(Text(f"Ask next: {asks}", style="dim"), soft_wrap=True)
    if question is not None:
        console.print()


def _print_table(console: Console, data: Mapping[str, Any]) -> None:
    table = Table(title=Text(escape_terminal(data["title"])), title_justify="left")
    for column in data["columns"]:
        table.add_column(
            Text(escape_terminal(column["name"])), justify="right" if column["unit"] else "left", overflow="fold"
        )
    for row in data["rows"][:MAX_ROWS]:
        cells = (_format(cell, column["unit"]) for cell, column in zip(row, data["columns"], strict=True))
        table.add_row(*(Text(escape_terminal(cell)) for cell in cells))
    console.print(table)
    hidden = len(data["rows"]) - MAX_ROWS
    if hidden > 0:
        console.print(Text(f"… and {hidden:,} more.", style="dim"))


def _format(cell: str | float | None, unit: str) -> str:
    if cell is None:
        return "unknown" if unit else ""
    if not unit:
        return str(cell)
    try:
        return str(format_figure(Decimal(str(cell)), unit))
    except InvalidOperation:
        return str(cell)


def _escape_lines(words: str) -> str:
    return "\n".join(escape_terminal(line) for line in words.split("\n"))
