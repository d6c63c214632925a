"""The progress of a run as lines in a terminal."""

from rich.console import Console
from rich.text import Text

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
from workloads.report.escaping import escape_terminal


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
                arguments = ", ".join(map(str, event.arguments.values())) if isinstance(event.arguments, dict) else ""
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
