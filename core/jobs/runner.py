"""The runner of jobs of a process, of the engine that fits the installation's database."""

from typing import Protocol, Self

from django.db import connection

from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.kinds import Pool


class JobRunner(Protocol):
    """Use it with `async with`: at the end of the block its tries are interrupted, and unfinished jobs queued again."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...

    def wake(self) -> None:
        """Look for jobs now. A lost call costs one poll interval."""

    @property
    def is_alive(self) -> bool:
        """Whether it has reached its queue lately. Can be asked from any thread."""


def build_runner(pools: tuple[Pool, ...], database: DatabaseExecutor, *, queue: str = "") -> JobRunner:
    """Return the runner of these kinds. With a `queue`, it takes only the jobs of that queue."""
    if connection.vendor == "postgresql":
        # Imported here: the library's models exist only where its app is installed.
        from core.jobs.procrastinate_runner import ProcrastinateRunner  # noqa: PLC0415

        return ProcrastinateRunner(pools, database, queue=queue)
    from core.jobs.embedded_runner import EmbeddedRunner  # noqa: PLC0415

    return EmbeddedRunner(pools, database, queue=queue)
