"""What is left to do of a run when its user has been told its end: nobody waits for it, and the process owns it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
MOST = 16  # runs at a time whose rest is done
SECONDS = 180.0  # for the rest of one run


@dataclass(slots=True)
class Later:
    """Of one attempt at a run; agents add to it. It is left undone where the attempt is stopped, or loses its run."""

    works: list[Work] = field(default_factory=list)

    def add(self, work: Work) -> None:
        """Something that may ask the run's session, and tells its user nothing."""
        self.works.append(work)

    async def do(self) -> None:
        """One after the other. One that fails is logged, and the next has its turn."""
        for work in self.works:
            try:
                await work()
            except Exception:
                log.exception("what a run had left to do failed")


class Aftermath:
    """The process's. `async with`: at the end of the block what is under way is stopped, and waited for."""

    def __init__(self) -> None:
        self._held: dict[asyncio.Task[None], AsyncExitStack] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held = dict(self._held)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        for scope in held.values():
            # Of a task that was stopped before its first step; of others nothing is left to close.
            await scope.aclose()

    def takes(self, later: Later) -> bool:
        """Whether there is something to do and room for it. What finds none is left out, and logged."""
        if later.works and len(self._held) >= MOST:
            log.warning("what a run had left to do is left out: as many as may be (%d) are at work", MOST)
        return bool(later.works) and len(self._held) < MOST

    def take(self, later: Later, scope: AsyncExitStack) -> None:
        """Do it, then close `scope`, which holds what it needs."""
        task = asyncio.create_task(self._done(later, scope))
        self._held[task] = scope
        task.add_done_callback(self._held.pop)

    async def _done(self, later: Later, scope: AsyncExitStack) -> None:
        try:
            async with scope, asyncio.timeout(SECONDS):
                await later.do()
        except Exception:
            log.exception("what a run had left to do could not be brought to its end")
