from typing import Protocol

from netra.core.emitter import Emitter
from netra.core.events import ToolCompleted
from tools.receipt import Receipt
from tools.spending.entry import Entry


class CallRecorder(Emitter, Protocol):
    """An emitter that can also settle what a call leaves behind."""

    async def settle(self, event: ToolCompleted, receipt: Receipt) -> None:
        """Take the event as `emit` does, with what is stored in the same transaction."""

    async def spend(self, entry: Entry) -> None:
        """Take what a step cost that no event of its own tells of."""
