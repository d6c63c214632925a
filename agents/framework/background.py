"""Background tasks of runs whose end was already reported: bounded, logged on failure, stopped with the process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

DeferredTask = Callable[[], Awaitable[None]]
MAX_BACKGROUND_RUNS = 16  # runs at a time whose rest is done
BACKGROUND_TIMEOUT_SECONDS = 180.0  # for the rest of one run


@dataclass(slots=True)
class DeferredWork:
    """Of one attempt at a run; agents add to it. It is left undone where the attempt is stopped, or loses its run."""

    tasks: list[DeferredTask] = field(default_factory=list)

    def add(self, work: DeferredTask) -> None:
        """Something that may ask the run's session, and tells its user nothing."""
        self.tasks.append(work)

    async def run(self) -> None:
        """One after the other. One that fails is logged, and the next has its turn."""
        for work in self.tasks:
            try:
                await work()
            except Exception:
                log.exception("what a run had left to do failed")


class BackgroundTasks:
    """The process's. `async with`: at the end of the block what is under way is stopped, and waited for."""

    def __init__(self) -> None:
        self._scopes: dict[asyncio.Task[None], AsyncExitStack] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held = dict(self._scopes)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        for scope in held.values():
            # Of a task that was stopped before its first step; of others nothing is left to close.
            await scope.aclose()

    def has_room_for(self, later: DeferredWork) -> bool:
        """Whether there is something to do and room for it. What finds none is left out, and logged."""
        if later.tasks and len(self._scopes) >= MAX_BACKGROUND_RUNS:
            log.warning(
                "what a run had left to do is left out: as many as may be (%d) are at work", MAX_BACKGROUND_RUNS
            )
        return bool(later.tasks) and len(self._scopes) < MAX_BACKGROUND_RUNS

    def start(self, later: DeferredWork, scope: AsyncExitStack) -> None:
        """Do it, then close `scope`, which holds what it needs."""
        task = asyncio.create_task(self._run(later, scope))
        self._scopes[task] = scope
        task.add_done_callback(self._scopes.pop)

    async def _run(self, later: DeferredWork, scope: AsyncExitStack) -> None:
        try:
            async with scope, asyncio.timeout(BACKGROUND_TIMEOUT_SECONDS):
                await later.run()
        except Exception:
            log.exception("what a run had left to do could not be brought to its end")
