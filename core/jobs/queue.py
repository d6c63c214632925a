"""The queue of jobs: the one of the installation's database, for whoever queues or aborts a job."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection

from core.jobs.job import ClaimedJob, Job

STALLED_SECONDS = 8.0
"""Since a worker's last heartbeat, then its jobs are lost. Never below the heartbeat (procrastinate_queue)."""


class JobQueue(Protocol):
    """What both engines' queues can do. Each method belongs to the caller's transaction, on Django's connection."""

    def enqueue(self, job: Job) -> None:
        """Queue a job. Call it in the transaction of the change that it follows from."""

    def abort(self, kind: str, key: str) -> None:
        """Remove the waiting jobs with this key, and ask the handlers of running ones to end."""

    def abort_all(self, owner: UUID) -> None:
        """Remove a user's jobs as `abort` does."""

    def find_open(self, kind: str, keys: Collection[str]) -> set[str]:
        """Return those of the keys that have a job, waiting or running."""

    def find_running(self, kind: str, keys: Collection[str]) -> set[str]:
        """Return those of the keys whose job is being worked on by a worker that is alive."""

    def count_running(self) -> int:
        """Return how many jobs are being worked on by workers that are alive."""

    def count_workers(self) -> int:
        """Return how many workers are alive and work on jobs."""

    def promote_next(self) -> int:
        """Move the next waiting job of each owner who has none in the line, which are those of priority 0 or more, to
        the end of the line. Return how many."""

    def list_lost(self, kinds: Collection[str]) -> list[ClaimedJob]:
        """Return the jobs whose worker has not been heard of for too long."""

    def hold(self, claimed: ClaimedJob, *, lost: bool) -> bool:
        """Lock a claimed job and return whether it is still its worker's, and with `lost`, whether that one is gone."""

    def finish(self, claimed: ClaimedJob, *, again_at: datetime | None) -> None:
        """Remove a job, or if it is repeated let it wait until `again_at`."""

    def requeue(self, claimed: ClaimedJob, *, losses: int, not_before: datetime | None) -> None:
        """Queue a claimed job again, before all that have not begun."""


def get_queue() -> JobQueue:
    """Return the queue of the default database."""
    if connection.vendor == "postgresql":
        # Imported here: the library's models exist only where its app is installed.
        from core.jobs.procrastinate_queue import ProcrastinateQueue  # noqa: PLC0415

        return ProcrastinateQueue()
    from core.jobs.embedded_queue import EmbeddedQueue  # noqa: PLC0415

    return EmbeddedQueue()
