from typing import Protocol

from netra.core.events import AgentEvent
from netra.core.whole import Whole


class Emitter(Protocol):
    """Where a piece of work says what it does. Bound to one context; handed down, never looked up."""

    async def emit(self, event: AgentEvent, whole: Whole | None = None) -> None:
        """Take the event into the user's stream, after all that were given before; with it, what a truncated
        tool_completed is a preview of.

        May return before the event is committed. Raises RunLost once another worker owns the run, and
        IsolationViolation for an event that is not of this emitter's run.
        """
