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
MAX_BACKGROUND_RUNS = 16  # runs at a time with background tasks
BACKGROUND_TIMEOUT_SECONDS = 180.0  # for the tasks of one run


@dataclass(slots=True)
class DeferredWork:
    """The deferred tasks of one attempt at a run. They are dropped if the attempt is stopped or loses its run."""

    tasks: list[DeferredTask] = field(default_factory=list)

    def add(self, task: DeferredTask) -> None:
        """Add a task. It may use the run's session, and publishes nothing to the user."""
        self.tasks.append(task)

    async def run(self) -> None:
        """Run the tasks one after the other. A failure is logged, and the next task runs."""
        for task in self.tasks:
            try:
                await task()
            except Exception:
                log.exception("a deferred task of a run failed")


class BackgroundTasks:
    """The background tasks of this process. Use it with `async with`: at the end of the block they are cancelled and
    awaited."""

    def __init__(self) -> None:
        self._scopes: dict[asyncio.Task[None], AsyncExitStack] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        scopes = dict(self._scopes)
        for task in scopes:
            task.cancel()
        await asyncio.gather(*scopes, return_exceptions=True)
        for scope in scopes.values():
            # Needed for a task that was cancelled before its first step; others have closed theirs.
            await scope.aclose()

    def has_room_for(self, deferred: DeferredWork) -> bool:
        """Return whether there are tasks and there is room for them. Tasks without room are dropped, with a warning."""
        if deferred.tasks and len(self._scopes) >= MAX_BACKGROUND_RUNS:
            log.warning(
                "deferred tasks of a run are dropped: the limit of runs with background tasks is reached (%d)",
                MAX_BACKGROUND_RUNS,
            )
        return bool(deferred.tasks) and len(self._scopes) < MAX_BACKGROUND_RUNS

    def start(self, deferred: DeferredWork, scope: AsyncExitStack) -> None:
        """Run the tasks, then close `scope`, which holds the resources that they need."""
        task = asyncio.create_task(self._run(deferred, scope))
        self._scopes[task] = scope
        task.add_done_callback(self._scopes.pop)

    async def _run(self, deferred: DeferredWork, scope: AsyncExitStack) -> None:
        try:
            async with scope, asyncio.timeout(BACKGROUND_TIMEOUT_SECONDS):
                await deferred.run()
        except Exception:
            log.exception("the deferred tasks of a run could not be finished")
