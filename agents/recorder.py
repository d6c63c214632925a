from typing import Protocol

from agents.guard import StepRecord
from netra.core.events import AgentCompleted, AgentError
from tools.recorder import CallRecorder


class RunRecorder(CallRecorder, Protocol):
    """An emitter that can also end an agent's part of a run."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Store a terminal event with its step, in one transaction, after all that was emitted before.

        Returns when it is committed. The top agent's terminal event ends the run in the same transaction.
        """
