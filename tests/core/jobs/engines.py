"""The engine of the test's database, step by step: its workers are names, and claim, freeze and end when told to."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.db import DatabaseError, connection, transaction

from core.jobs.embedded_queue import EmbeddedQueue
from core.jobs.job import ClaimedJob, Job
from core.jobs.job_try import Outcome
from core.jobs.kinds import JobKind
from core.jobs.queue import JobQueue, get_queue
from core.jobs.settlement import Fate, settle_job
from core.models import EmbeddedJob
from tests.support.fakes import never_handle


class Engine(Protocol):
    @property
    def queue(self) -> JobQueue: ...

    def claim(self, worker: str, kinds: Collection[str]) -> ClaimedJob | None: ...

    def settle(self, kind: JobKind, claimed: ClaimedJob, outcome: Outcome) -> Fate | None: ...

    def freeze(self, worker: str) -> None:
        """The worker has not been heard of for too long."""

    def thaw(self, worker: str) -> None:
        """It is heard of again, and believes that its jobs are still its own."""

    def is_asked_to_abort(self, claimed: ClaimedJob) -> bool: ...

    def name_worker(self, worker: str) -> str:
        """The name of a worker as a claimed job gives it."""

    def pass_delays(self) -> None:
        """The time has come for all jobs that are to begin later."""

    def count(self) -> int:
        """All jobs that are waiting or running."""


class Embedded:
    def __init__(self) -> None:
        self.queue = EmbeddedQueue()
        EmbeddedJob.objects.all().delete()

    def claim(self, worker: str, kinds: Collection[str]) -> ClaimedJob | None:
        return next(iter(self.queue.claim(worker, kinds, count=1)), None)

    def settle(self, kind: JobKind, claimed: ClaimedJob, outcome: Outcome) -> Fate | None:
        return settle_job(self.queue, kind, claimed, outcome)

    def freeze(self, worker: str) -> None:
        EmbeddedJob.objects.filter(worker=worker).update(lease_until=datetime.now(UTC) - timedelta(seconds=60))

    def thaw(self, worker: str) -> None:
        self.queue.renew(worker, EmbeddedJob.objects.filter(worker=worker).values_list("id", flat=True))

    def is_asked_to_abort(self, claimed: ClaimedJob) -> bool:
        return claimed.number in self.queue.inspect(claimed.worker, [claimed.number]).aborted

    def name_worker(self, worker: str) -> str:
        return worker

    def pass_delays(self) -> None:
        EmbeddedJob.objects.update(not_before=None)

    def count(self) -> int:
        return EmbeddedJob.objects.count()


class Procrastinate:
    def __init__(self) -> None:
        from core.jobs.procrastinate_queue import ProcrastinateQueue

        self.queue = get_queue()
        self._workers_queue = ProcrastinateQueue(deletes=False)
        self._numbers: dict[str, int] = {}
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
            cursor.execute("DELETE FROM procrastinate_workers")

    def claim(self, worker: str, kinds: Collection[str]) -> ClaimedJob | None:
        from procrastinate import jobs

        from core.jobs.procrastinate_queue import to_claimed

        row = self._query("fetch_job", queues=list(kinds), worker_id=self._get_number(worker))
        return None if row["id"] is None else to_claimed(jobs.Job.from_row(row))

    def settle(self, kind: JobKind, claimed: ClaimedJob, outcome: Outcome) -> Fate | None:
        fate = settle_job(self._workers_queue, kind, claimed, outcome)
        try:
            with transaction.atomic():  # what the library's worker says after that
                self._query("finish_job", job_id=claimed.number, status="succeeded", delete_job=True)
        except DatabaseError:
            assert fate is None, "its own job was not there"
        return fate

    def freeze(self, worker: str) -> None:
        self._beat(worker, 60)

    def thaw(self, worker: str) -> None:
        self._beat(worker, 0)

    def is_asked_to_abort(self, claimed: ClaimedJob) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT abort_requested FROM procrastinate_jobs WHERE id = %s", [claimed.number])
            row = cursor.fetchone()
        return row is not None and row[0]

    def name_worker(self, worker: str) -> str:
        return {str(number): name for name, number in self._numbers.items()}[worker]

    def pass_delays(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")

    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs")
            (count,) = cursor.fetchone()
        return int(count)

    def _get_number(self, worker: str) -> int:
        if worker not in self._numbers:
            self._numbers[worker] = self._query("register_worker")["worker_id"]
        return self._numbers[worker]

    def _beat(self, worker: str, seconds_ago: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - %s * interval '1 second' WHERE id = %s",
                [seconds_ago, self._get_number(worker)],
            )

    def _query(self, name: str, **arguments: Any) -> dict[str, Any]:
        from procrastinate import sql

        with connection.cursor() as cursor:
            cursor.execute(sql.queries[name], arguments)
            columns = [column[0] for column in cursor.description]
            return dict(zip(columns, cursor.fetchone(), strict=True))


def open_engine() -> Engine:
    """The engine of the test's database, without jobs."""
    return Procrastinate() if connection.vendor == "postgresql" else Embedded()


def build_idle_kind(name: str) -> JobKind:
    """A kind whose jobs a test claims and ends itself."""
    return JobKind(name=name, handle=never_handle, seconds=60)


def enqueue(engine: Engine, job: Job) -> None:
    with transaction.atomic():
        engine.queue.enqueue(job)
