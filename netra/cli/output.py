"""The output of a run in a terminal: its progress as lines, its answer with tables of aligned columns, notes and what
can be asked next."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.answers.answer import AnswerData
from agents.answers.formatting import format_json_rows
from core.events import (
    AgentCompleted,
    AgentError,
    AgentStarted,
    AgentThinking,
    Event,
    RunCancelRequested,
    ToolCompleted,
    ToolExecuting,
)
from core.management.errors import EXIT_BAD_INPUT
from workloads.report.escaping import escape_terminal

MAX_ROWS = 30
"""Rows that are printed of a table; --json has all of them."""

MAX_WIDTH = 10_000
MAX_FOLDED_COLUMNS = 6
"""Columns that may be folded to fit; more of them would leave a letter on each line."""


class ProgressPrinter:
    """Prints each event as it arrives, steps indented below their agent. Text of logs and models is escaped."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: Event) -> None:
        match event:
            case AgentStarted():
                self._print_line(0, f"▶ {event.title}", "bold")
            case AgentThinking() if event.source == "model":
                self._print_line(1, f"the model says (unverified): {event.thought}", "italic dim")
            case AgentThinking():
                self._print_line(1, event.thought, "dim")
            case ToolExecuting():
                given = event.arguments.values() if isinstance(event.arguments, dict) else ()
                arguments = ", ".join(str(each) for each in given if each is not None)
                self._print_line(1, f"⚙ {event.title}" + (f" ({arguments})" if arguments else ""), "cyan")
            case ToolCompleted() if event.outcome != "ok":
                self._print_line(2, f"✗ {event.outcome}: {event.error}", "yellow")
            case ToolCompleted():
                self._print_line(2, f"✓ {_format_seconds(event.duration_ms)}", "dim")
            case AgentCompleted():
                self._print_line(0, f"✓ {event.agent}: {event.summary} ({_format_seconds(event.duration_ms)})", "green")
            case AgentError():
                self._print_line(0, f"✗ {event.agent}: {event.message}", "red")
            case RunCancelRequested():
                self._print_line(0, "Stopping …", "yellow")
            case _:
                pass

    def _print_line(self, depth: int, text: str, style: str) -> None:
        self._console.print(Text("  " * depth + escape_terminal(text), style=style), soft_wrap=True)


def _format_seconds(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.2f} s"


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
    cells = format_json_rows(data["rows"][:MAX_ROWS], [column["unit"] for column in data["columns"]])
    rows = [[_escape(cell) for cell in row] for row in cells]
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


def _escape(words: str) -> Text:
    return Text(escape_terminal(words))


def _escape_lines(words: str) -> str:
    return "\n".join(escape_terminal(line) for line in words.split("\n"))


def check_target(option: str, target: Path | None) -> None:
    """Raise CommandError, before the log is read, if the file can't be written."""
    if target is not None and (target.is_dir() or not target.parent.is_dir()):
        raise CommandError(f"{option} {target}: not a file in an existing folder.", returncode=EXIT_BAD_INPUT)
