"""A run's events as lines on a terminal."""

from rich.console import Console
from rich.text import Text

from netra.core.events import (
    AgentCompleted,
    AgentError,
    AgentStarted,
    AgentThinking,
    Event,
    RunCancelRequested,
    ToolCompleted,
    ToolExecuting,
)
from workloads.escape import visible


class Progress:
    """Prints each event as it comes, agents' steps below their agent. Text from logs and models is made visible."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: Event) -> None:
        match event:
            case AgentStarted():
                self._line(0, f"▶ {event.title}", "bold")
            case AgentThinking() if event.source == "model":
                self._line(1, f"the model says (unverified): {event.thought}", "italic dim")
            case AgentThinking():
                self._line(1, event.thought, "dim")
            case ToolExecuting():
                arguments = ", ".join(map(str, event.arguments.values())) if isinstance(event.arguments, dict) else ""
                self._line(1, f"⚙ {event.title}" + (f" ({arguments})" if arguments else ""), "cyan")
            case ToolCompleted() if event.outcome != "ok":
                self._line(2, f"✗ {event.outcome}: {event.error}", "yellow")
            case ToolCompleted():
                self._line(2, f"✓ {_seconds(event.duration_ms)}", "dim")
            case AgentCompleted():
                self._line(0, f"✓ {event.agent}: {event.summary} ({_seconds(event.duration_ms)})", "green")
            case AgentError():
                self._line(0, f"✗ {event.agent}: {event.message}", "red")
            case RunCancelRequested():
                self._line(0, "Stopping …", "yellow")
            case _:
                pass

    def _line(self, depth: int, text: str, style: str) -> None:
        self._console.print(Text("  " * depth + visible(text), style=style), soft_wrap=True)


def _seconds(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.2f} s"
