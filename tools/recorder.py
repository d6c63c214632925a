from typing import Protocol

from netra.core.emitter import Emitter
from netra.core.events import ToolCompleted
from tools.receipt import Receipt


class CallRecorder(Emitter, Protocol):
    """An emitter that can also settle what a call leaves behind."""

    async def settle(self, event: ToolCompleted, receipt: Receipt) -> None:
        """Take the event as `emit` does, with what is stored in the same transaction."""
