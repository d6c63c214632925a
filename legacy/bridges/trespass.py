"""Where code of the old pattern reached for what is not its own: written down as incidents, once of each kind."""

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

from asgiref.sync import sync_to_async

from netra.core import incidents
from netra.core.exceptions import IsolationViolation

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Trespasses:
    """Of one turn. Writing begins at once, off the event loop, from whichever thread it was noted in."""

    expected: UUID
    loop: asyncio.AbstractEventLoop
    first: IsolationViolation | None = None
    _known: set[tuple[str, str, UUID | None]] = field(default_factory=set)
    _writing: list["Future[None]"] = field(default_factory=list)

    def note(self, kind: str, where: str, found: UUID | None, says: str) -> IsolationViolation:
        """The error to raise. Noted once of each kind, place and finding: old code likes to try again."""
        violation = IsolationViolation(says)
        self.first = self.first or violation
        if (kind, where, found) not in self._known:
            self._known.add((kind, where, found))
            self._writing.append(asyncio.run_coroutine_threadsafe(self._write(kind, where, found), self.loop))
        return violation

    async def written(self) -> None:
        """Wait until all are; one that cannot be stored was logged and mailed by then."""
        while self._writing:
            try:
                await asyncio.wrap_future(self._writing.pop())
            except Exception:
                log.exception("an isolation incident of a legacy agent could not be stored")

    async def _write(self, kind: str, where: str, found: UUID | None) -> None:
        await sync_to_async(incidents.record)(kind, where=where, expected=self.expected, found=found)
