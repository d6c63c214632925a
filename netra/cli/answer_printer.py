"""Print an answer in a terminal: its text, its tables with aligned columns, notes and what can be asked next."""

from collections.abc import Mapping, Sequence
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
MAX_WIDTH = 10_000
MAX_FOLDED_COLUMNS = 6
"""Columns that may be folded to fit; more of them would leave a letter on each line."""


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
    """Print a table; one line for each value where its columns are too many for the terminal's width."""
    title = Text(escape_terminal(data["title"]))
    rows = [_format_row(row, data["columns"]) for row in data["rows"][:MAX_ROWS]]
    table = Table(title=title, title_justify="left")
    for column in data["columns"]:
        table.add_column(_escape(column["name"]), justify="right" if column["unit"] else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    if len(data["columns"]) <= MAX_FOLDED_COLUMNS or _measure_width(console, table) <= console.width:
        console.print(table)
    else:
        _print_lines(console, title, [column["name"] for column in data["columns"]], rows)
    hidden = len(data["rows"]) - MAX_ROWS
    if hidden > 0:
        console.print(Text(f"… and {hidden:,} more.", style="dim"))


def _measure_width(console: Console, table: Table) -> int:
    """Return the columns that a table takes if nothing is folded."""
    return console.measure(table, options=console.options.update(width=MAX_WIDTH)).maximum


def _print_lines(console: Console, title: Text, names: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    console.print(title, style="italic")
    for row in rows:
        lines = Table.grid(padding=(0, 2))
        lines.add_column(overflow="fold")
        lines.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            if value.plain:
                lines.add_row(_escape(name), value)
        console.print(lines)
        console.print()


def _format_row(row: Sequence[str | float | None], columns: Sequence[Mapping[str, str]]) -> list[Text]:
    return [_escape(_format(cell, column["unit"])) for cell, column in zip(row, columns, strict=True)]


def _escape(words: str) -> Text:
    return Text(escape_terminal(words))


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
