"""The queue on SQLite: one table, whose jobs are claimed with a lease by the runner in the server's process."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from core.jobs.job import RESUMED_PRIORITY, ClaimedJob, Job, OpenJob, list_lanes, place_job
from core.models import EmbeddedJob

LEASE = timedelta(seconds=8)
# Plain SQL: it takes a third of the ORM's time, and a run makes a dozen of these statements.
_TABLE = EmbeddedJob._meta.db_table
_DUE = "worker = '' AND queue = %s AND (not_before IS NULL OR not_before <= %s)"
_CLAIMED = "kind, key, of_user, lock, priority, queue, losses, id, worker"
_BEFORE = (
    f"SELECT 1 FROM {_TABLE} AS o WHERE o.lane = j.lane AND "
    "(o.worker <> '' OR o.priority > j.priority OR (o.priority = j.priority AND o.id < j.id))"
)
_NEXT_OF_OWNERS = (
    f"SELECT id, priority, ROW_NUMBER() OVER (PARTITION BY kind, of_user ORDER BY priority DESC, id) AS place "
    f"FROM {_TABLE} WHERE worker = '' AND of_user IS NOT NULL AND (kind, of_user) IN "
    f"(SELECT kind, of_user FROM {_TABLE} WHERE worker = '' AND priority < 0)"
)


class QueueInspection(NamedTuple):
    """Of a worker's jobs, by number: those that are no longer its own, and those that somebody asked to abort. `due`:
    the kinds of waiting jobs whose time has come, in whatever lane."""

    lost: frozenset[int]
    aborted: frozenset[int]
    due: frozenset[str]


class EmbeddedQueue:
    """Its transactions are serial, as SQLite has one writer at a time."""

    def enqueue(self, job: Job) -> None:
        lanes = list_lanes(job)
        with connection.cursor() as cursor:
            found: list[OpenJob] = []
            if lanes:
                cursor.execute(
                    f"SELECT lane, lock, priority, worker <> '' FROM {_TABLE} "
                    f"WHERE lane IN ({_build_placeholders(lanes)}) ORDER BY id",
                    lanes,
                )
                found = [OpenJob(lane, lock, priority, bool(is_run)) for lane, lock, priority, is_run in cursor]
            placement = place_job(job, found)
            cursor.execute(
                f"INSERT INTO {_TABLE} (kind, key, of_user, lock, lane, priority, not_before, queue, losses, worker, "
                "aborted) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', false)",
                [
                    *(job.kind, job.key, job.owner.hex if job.owner else None, job.lock),
                    *(placement.lane or None, placement.priority, _to_db(job.not_before), job.queue, job.losses),
                ],
            )

    def abort(self, kind: str, key: str) -> None:
        rows = EmbeddedJob.objects.filter(kind=kind, key=key)
        rows.filter(worker="").delete()
        rows.update(aborted=True)

    def abort_all(self, owner: UUID) -> None:
        EmbeddedJob.objects.filter(of_user=owner).delete()  # their worker finds that they are no longer its own

    def find_open(self, kind: str, keys: Collection[str]) -> set[str]:
        return set(EmbeddedJob.objects.filter(kind=kind, key__in=keys).values_list("key", flat=True))

    def find_running(self, kind: str, keys: Collection[str]) -> set[str]:
        running = EmbeddedJob.objects.filter(kind=kind, key__in=keys, lease_until__gt=datetime.now(UTC))
        return set(running.values_list("key", flat=True))

    def count_running(self) -> int:
        return EmbeddedJob.objects.filter(lease_until__gt=datetime.now(UTC)).count()

    def count_workers(self) -> int:
        running = EmbeddedJob.objects.filter(lease_until__gt=datetime.now(UTC))
        return running.values("worker").distinct().count()

    def promote_next(self) -> int:
        if not _list_next():  # without waiting for the one writer's turn
            return 0
        with transaction.atomic():
            found = _list_next()
            for number in found:
                _replace_row(number, priority=0)
        return len(found)

    def list_lost(self, kinds: Collection[str]) -> list[ClaimedJob]:
        which = f"kind IN ({_build_placeholders(kinds)}) AND lease_until < %s ORDER BY id"
        return _select(which, [*kinds, _to_db(datetime.now(UTC))])

    def hold(self, claimed: ClaimedJob, *, lost: bool) -> bool:
        which, now = "id = %s AND worker = %s", _to_db(datetime.now(UTC))
        if lost:
            return bool(_select(f"{which} AND lease_until < %s", [claimed.number, claimed.worker, now]))
        return bool(_select(which, [claimed.number, claimed.worker]))

    def finish(self, claimed: ClaimedJob, *, again_at: datetime | None) -> None:
        if again_at is None:
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {_TABLE} WHERE id = %s", [claimed.number])
        else:
            _replace_row(claimed.number, losses=0, not_before=again_at, queue="")

    def requeue(self, claimed: ClaimedJob, *, losses: int, not_before: datetime | None) -> None:
        _replace_row(claimed.number, losses=losses, not_before=not_before, priority=RESUMED_PRIORITY, queue="")

    def claim(self, worker: str, kinds: Collection[str], *, count: int, queue: str = "") -> list[ClaimedJob]:
        """Claim the first so many jobs of these kinds whose lane is free. With a `queue`, only jobs of that queue."""
        now = datetime.now(UTC)
        which = f"{_DUE} AND kind IN ({_build_placeholders(kinds)}) AND NOT EXISTS ({_BEFORE})"
        with connection.cursor() as cursor:  # one statement is a transaction of its own
            cursor.execute(
                f"UPDATE {_TABLE} SET worker = %s, lease_until = %s WHERE id IN (SELECT id FROM {_TABLE} AS j "
                f"WHERE {which} ORDER BY priority DESC, id LIMIT %s) RETURNING {_CLAIMED}",
                [worker, _to_db(now + LEASE), queue, _to_db(now), *kinds, count],
            )
            claimed = [_to_claimed(row) for row in cursor.fetchall()]
        return sorted(claimed, key=lambda each: (-each.job.priority, each.number))

    def finish_all(self, worker: str, numbers: Collection[int]) -> None:
        """Remove a worker's jobs that are done, unless they have been given to another."""
        with connection.cursor() as cursor:
            which = f"id IN ({_build_placeholders(numbers)}) AND worker = %s"
            cursor.execute(f"DELETE FROM {_TABLE} WHERE {which}", [*numbers, worker])

    def renew(self, worker: str, numbers: Collection[int]) -> None:
        """Renew a worker's leases."""
        with connection.cursor() as cursor:
            which, until = f"id IN ({_build_placeholders(numbers)}) AND worker = %s", _to_db(datetime.now(UTC) + LEASE)
            cursor.execute(f"UPDATE {_TABLE} SET lease_until = %s WHERE {which}", [until, *numbers, worker])

    def inspect(self, worker: str, numbers: Collection[int], *, queue: str = "") -> QueueInspection:
        """Return what has become of a worker's jobs, and what waits. With a `queue`, only what waits in that one."""
        owned = f"id IN ({_build_placeholders(numbers)}) AND worker = %s"
        own = [f"SELECT id, aborted, NULL FROM {_TABLE} WHERE {owned}"] if numbers else []
        sql = " UNION ALL ".join([*own, f"SELECT DISTINCT NULL, NULL, kind FROM {_TABLE} WHERE {_DUE}"])
        parameters: list[Any] = [*numbers, worker] if numbers else []
        with connection.cursor() as cursor:
            cursor.execute(sql, [*parameters, queue, _to_db(datetime.now(UTC))])
            rows = cursor.fetchall()
        found = {number: bool(aborted) for number, aborted, _ in rows if number is not None}
        return QueueInspection(
            lost=frozenset(numbers) - found.keys(),
            aborted=frozenset(number for number, is_aborted in found.items() if is_aborted),
            due=frozenset(kind for number, _, kind in rows if number is None),
        )

    def ensure_periodic(self, kind: str) -> None:
        """Queue the one job of a kind that is repeated, if it is not there yet."""
        with transaction.atomic():
            if not EmbeddedJob.objects.filter(kind=kind).exists():
                self.enqueue(Job(kind=kind))


def _list_next() -> list[int]:
    """Return the first waiting job of each owner who has none in the line."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({_NEXT_OF_OWNERS}) WHERE place = 1 AND priority < 0 ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def _replace_row(number: int, **changes: Any) -> None:
    """Let a job wait, or wait again, as a new row: its number tells a worker that was frozen that the job is no longer
    its own, even if the same worker has claimed it again."""
    row = EmbeddedJob.objects.get(id=number)
    row.delete()
    for name, value in {"id": None, "worker": "", "lease_until": None, "aborted": False, **changes}.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def _select(which: str, parameters: list[Any]) -> list[ClaimedJob]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_CLAIMED} FROM {_TABLE} AS j WHERE {which}",
            parameters,
        )
        return [_to_claimed(row) for row in cursor.fetchall()]


def _to_claimed(row: Sequence[Any]) -> ClaimedJob:
    kind, key, of_user, lock, priority, queue, losses, number, worker = row
    owner = None if of_user is None else UUID(of_user)
    job = Job(kind=kind, key=key, owner=owner, lock=lock, priority=priority, queue=queue, losses=losses)
    return ClaimedJob(job, number, worker)


def _build_placeholders(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _to_db(moment: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
