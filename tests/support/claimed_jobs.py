"""Jobs that a worker has begun which is no process: it lives for as long as the test says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from core.jobs.job import ClaimedJob, Job
from core.jobs.queue import get_queue
from core.models import EmbeddedJob

FAR = timedelta(days=1)
COLUMNS = (
    *("id", "status", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at", "queue_name"),
    *("attempts", "worker_id"),
)


def claim_job(kind: str, key: object, worker: str = "first") -> ClaimedJob:
    """Begin the waiting job with this key as a worker that is heard of for as long as the test lasts.

    It leaves its lane, so that it holds up no other job, whatever becomes of it.
    """
    if connection.vendor == "postgresql":
        return _claim_from_library(kind, str(key))
    row = EmbeddedJob.objects.get(kind=kind, key=str(key), worker="")
    EmbeddedJob.objects.filter(id=row.id).update(worker=worker, lease_until=datetime.now(UTC) + FAR, lane=None)
    return ClaimedJob(Job(kind=kind, key=row.key, owner=row.of_user, lock=row.lock, losses=row.losses), row.id, worker)


def lose_workers(key: object = "") -> None:
    """No worker that `claim_job` stood for is heard of any more, or not the one of the job with this key."""
    if connection.vendor == "postgresql":
        which = "id IN (SELECT worker_id FROM procrastinate_jobs WHERE %s IN ('', args->>'key'))"
        _execute(f"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE {which}", str(key))
        return
    rows = EmbeddedJob.objects.exclude(worker="")
    (rows.filter(key=str(key)) if key else rows).update(lease_until=datetime.now(UTC) - timedelta(hours=1))


def count_losses(kind: str, key: object) -> int:
    """How many tries of a job were lost or failed."""
    if connection.vendor == "postgresql":
        query = "SELECT (args->>'losses')::int FROM procrastinate_jobs WHERE task_name = %s AND args->>'key' = %s"
        return int(_execute(query, kind, str(key))[0][0])
    losses: int = EmbeddedJob.objects.get(kind=kind, key=str(key)).losses
    return losses


def has_job(kind: str, key: object) -> bool:
    return bool(get_queue().find_open(kind, [str(key)]))


def _claim_from_library(kind: str, key: str) -> ClaimedJob:
    from procrastinate import jobs

    from core.jobs.procrastinate_queue import to_claimed

    ((worker,),) = _execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + %s) RETURNING id", FAR)
    which = f"task_name = %s AND args->>'key' = %s AND status = 'todo' RETURNING {', '.join(COLUMNS)}"
    (row,) = _execute(
        f"UPDATE procrastinate_jobs SET status = 'doing', lock = NULL, worker_id = %s WHERE {which}",
        worker,
        kind,
        key,
    )
    return to_claimed(jobs.Job.from_row(_name_columns(row)))


def _name_columns(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(COLUMNS, row, strict=True))


def _execute(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []
