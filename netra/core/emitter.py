from typing import Protocol

from netra.core.events import AgentEvent


class Emitter(Protocol):
    """Where a piece of work says what it does. Bound to one context; handed down, never looked up."""

    async def emit(self, event: AgentEvent) -> None:
        """Take the event into the user's stream, after all that were given before.

        May return before the event is committed. Raises RunLost once another worker owns the run, and
        IsolationViolation for an event that is not of this emitter's run.
        """
