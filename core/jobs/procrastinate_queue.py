"""The queue on PostgreSQL: procrastinate's. Jobs are deferred and aborted on Django's connection.

A job that is tried again becomes a new one: its id tells a worker that was frozen that the job is no longer its own,
whatever it says about it later (the library finishes and retries by id, whoever asks)."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from procrastinate import jobs, sql
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from core.jobs.job import RESUMED_PRIORITY, ClaimedJob, Job, OpenJob, list_lanes, place_job
from core.jobs.queue import STALLED_SECONDS

HEARTBEAT_SECONDS = 2.0
_OPEN = "status IN ('todo', 'doing')"
_ALIVE = "w.last_heartbeat > now() - %s * interval '1 second'"
_NEXT_OF_OWNERS = (
    "SELECT id, priority, row_number() OVER (PARTITION BY task_name, args->>'owner' ORDER BY priority DESC, id) place "
    "FROM procrastinate_jobs WHERE status = 'todo' AND (task_name, args->>'owner') IN "
    "(SELECT task_name, args->>'owner' FROM procrastinate_jobs WHERE status = 'todo' AND priority < 0)"
)


@dataclass(frozen=True, slots=True)
class ProcrastinateQueue:
    """`deletes`: finished jobs are deleted here; a worker of the library deletes them itself."""

    deletes: bool = True

    def enqueue(self, job: Job) -> None:
        lanes = list_lanes(job)
        found: list[OpenJob] = []
        if lanes:
            with connection.cursor() as cursor:
                # Whoever queues a job in the same lanes waits for the end of this transaction, and sees this job.
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lanes[0]])
                cursor.execute(
                    "SELECT lock, args->>'lock', priority, status = 'doing' FROM procrastinate_jobs "
                    f"WHERE lock = ANY(%s) AND {_OPEN} ORDER BY id",
                    [lanes],
                )
                found = [OpenJob(*row) for row in cursor.fetchall()]
        placement = place_job(job, found)
        _defer(job, placement.lane, placement.priority, losses=job.losses, queue=job.queue or job.kind)

    def abort(self, kind: str, key: str) -> None:
        _abort("task_name = %s AND args->>'key' = %s", [kind, key])

    def abort_all(self, owner: UUID) -> None:
        _abort("args->>'owner' = %s", [str(owner)])
        with connection.cursor() as cursor:
            # What is running ends soon; what it is about is forgotten now.
            cursor.execute(
                "UPDATE procrastinate_jobs SET args = jsonb_build_object('key', %s::text), lock = NULL "
                f"WHERE args->>'owner' = %s AND {_OPEN}",
                [str(UUID(int=0)), str(owner)],
            )

    def find_open(self, kind: str, keys: Collection[str]) -> set[str]:
        return _find_keys(f"j.task_name = %s AND j.args->>'key' = ANY(%s) AND j.{_OPEN}", [kind, list(keys)])

    def find_running(self, kind: str, keys: Collection[str]) -> set[str]:
        which = f"j.task_name = %s AND j.args->>'key' = ANY(%s) AND j.status = 'doing' AND {_ALIVE}"
        return _find_keys(which, [kind, list(keys), STALLED_SECONDS])

    def count_running(self) -> int:
        return _count_running("j.id")

    def count_workers(self) -> int:
        return _count_running("DISTINCT j.worker_id")

    def promote_next(self) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, lock, queue_name, scheduled_at, args FROM procrastinate_jobs WHERE id IN "
                f"(SELECT id FROM ({_NEXT_OF_OWNERS}) w WHERE place = 1 AND priority < 0) AND status = 'todo' "
                "ORDER BY id FOR UPDATE SKIP LOCKED"
            )
            found = cursor.fetchall()
            for number, kind, lane, queue, not_before, arguments in found:
                job = _build_job(kind, json.loads(arguments))
                self._delete(number)
                _defer(job, lane, 0, losses=job.losses, queue=queue, not_before=not_before)
        return len(found)

    def list_lost(self, kinds: Collection[str]) -> list[ClaimedJob]:
        with _raise_django_errors():
            found = app.connector.get_sync_connector().execute_query_all(
                query=sql.queries["select_stalled_jobs_by_heartbeat"],
                queue=None,
                task_name=None,
                seconds_since_heartbeat=STALLED_SECONDS,
            )
        lost = sorted((jobs.Job.from_row(row) for row in found), key=lambda each: each.id or 0)
        return [to_claimed(each) for each in lost if each.task_name in kinds]

    def hold(self, claimed: ClaimedJob, *, lost: bool) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT j.worker_id IS NOT NULL AND {_ALIVE} FROM procrastinate_jobs j LEFT JOIN "
                "procrastinate_workers w ON w.id = j.worker_id WHERE j.id = %s AND j.status = 'doing' FOR UPDATE OF j",
                [STALLED_SECONDS, claimed.number],
            )
            row = cursor.fetchone()
        return row is not None and not (lost and row[0])

    def finish(self, claimed: ClaimedJob, *, again_at: datetime | None) -> None:
        if self.deletes:
            self._delete(claimed.number)

    def requeue(self, claimed: ClaimedJob, *, losses: int, not_before: datetime | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT lock FROM procrastinate_jobs WHERE id = %s", [claimed.number])
            (lane,) = cursor.fetchone()
        self.finish(claimed, again_at=None)
        job = claimed.job
        _defer(job, lane or "", RESUMED_PRIORITY, losses=losses, queue=job.kind, not_before=not_before)

    def _delete(self, number: int) -> None:
        with _raise_django_errors():
            app.connector.get_sync_connector().execute_query(
                query=sql.queries["finish_job"], job_id=number, status="failed", delete_job=True
            )


def to_claimed(row: jobs.Job) -> ClaimedJob:
    """Convert a job that the library has read."""
    arguments: Any = row.task_kwargs
    if isinstance(arguments, str):  # as Django's connection returns JSON
        arguments = json.loads(arguments)
    job = _build_job(row.task_name, arguments)
    job = replace(job, priority=row.priority, not_before=row.scheduled_at, queue=row.queue)
    return ClaimedJob(job, row.id or 0, str(row.worker_id))


def _build_job(kind: str, arguments: Mapping[str, Any]) -> Job:
    owner = arguments.get("owner")
    return Job(
        kind=kind,
        key=str(arguments.get("key", "")),
        owner=UUID(str(owner)) if owner else None,
        lock=str(arguments.get("lock", "")),
        losses=int(arguments.get("losses", 0)),
    )


def _defer(job: Job, lane: str, priority: int, *, losses: int, queue: str, not_before: datetime | None = None) -> None:
    at = not_before or job.not_before
    deferrer = app.configure_task(
        job.kind,
        lock=lane or None,
        priority=priority,
        queue=queue,
        schedule_at=at if at is not None and at > datetime.now(UTC) else None,
    )
    with _raise_django_errors():
        deferrer.defer(key=job.key, owner=str(job.owner) if job.owner else None, lock=job.lock, losses=losses)


@contextmanager
def _raise_django_errors() -> Iterator[None]:
    """Raise the library's errors as Django's, so that a conflict is known as one and retried."""
    try:
        yield
    except ConnectorException as error:
        raise OperationalError(str(error.__cause__ or error)) from error.__cause__


def _count_running(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count({what}) FROM procrastinate_jobs j JOIN procrastinate_workers w ON w.id = j.worker_id "
            f"WHERE j.status = 'doing' AND {_ALIVE}",
            [STALLED_SECONDS],
        )
        (count,) = cursor.fetchone()
    return int(count)


def _abort(which: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM procrastinate_jobs WHERE {which} AND {_OPEN} ORDER BY id", parameters)
        found = [number for (number,) in cursor.fetchall()]
    with _raise_django_errors():
        for number in found:
            app.job_manager.cancel_job_by_id(number, abort=True, delete_job=True)


def _find_keys(which: str, parameters: list[Any]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.args->>'key' FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
            f"WHERE {which}",
            parameters,
        )
        return {key for (key,) in cursor.fetchall()}
