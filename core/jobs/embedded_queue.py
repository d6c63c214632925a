"""The queue on SQLite: one table, whose jobs are claimed with a lease by the runner in the server's process."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.jobs.job import RESUMED_PRIORITY, ClaimedJob, Job, OpenJob, list_lanes, place_job
from core.models import EmbeddedJob

LEASE = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Renewal:
    """Of a worker's jobs, by number: those that are no longer its own, and those that somebody asked to abort."""

    lost: frozenset[int]
    aborted: frozenset[int]


class EmbeddedQueue:
    """Its transactions are serial, as SQLite has one writer at a time."""

    def enqueue(self, job: Job) -> None:
        rows = EmbeddedJob.objects.filter(lane__in=list_lanes(job)).order_by("id")
        found = [
            OpenJob(lane or "", lock, priority, bool(worker))
            for lane, lock, priority, worker in rows.values_list("lane", "lock", "priority", "worker")
        ]
        placement = place_job(job, found)
        EmbeddedJob.objects.create(
            kind=job.kind,
            key=job.key,
            of_user=job.owner,
            lock=job.lock,
            lane=placement.lane or None,
            priority=placement.priority,
            not_before=job.not_before,
            queue=job.queue,
            losses=job.losses,
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

    def list_lost(self, kinds: Collection[str]) -> list[ClaimedJob]:
        lost = EmbeddedJob.objects.filter(kind__in=list(kinds), lease_until__lt=datetime.now(UTC)).order_by("id")
        return [_to_claimed(row) for row in lost]

    def hold(self, claimed: ClaimedJob, *, lost: bool) -> bool:
        rows = EmbeddedJob.objects.filter(id=claimed.number, worker=claimed.worker)
        return (rows.filter(lease_until__lt=datetime.now(UTC)) if lost else rows).exists()

    def finish(self, claimed: ClaimedJob, *, again_at: datetime | None) -> None:
        if again_at is None:
            EmbeddedJob.objects.filter(id=claimed.number).delete()
        else:
            _replace_row(claimed.number, losses=0, not_before=again_at, priority=claimed.job.priority)

    def requeue(self, claimed: ClaimedJob, *, losses: int, not_before: datetime | None) -> None:
        _replace_row(claimed.number, losses=losses, not_before=not_before, priority=RESUMED_PRIORITY)

    def claim(self, worker: str, kinds: Collection[str], *, queue: str = "") -> ClaimedJob | None:
        """Claim the first job of these kinds whose lane is free. With a `queue`, only jobs of that queue."""
        if not self._filter_due(kinds, queue).exists():
            return None  # without a transaction, which would be SQLite's only writer
        with transaction.atomic():
            row = self._filter_due(kinds, queue).order_by("-priority", "id").first()
            if row is None:
                return None
            row.worker, row.lease_until = worker, datetime.now(UTC) + LEASE
            row.save(update_fields=["worker", "lease_until"])
        return _to_claimed(row)

    def renew(self, worker: str, numbers: Collection[int]) -> Renewal:
        """Renew a worker's leases."""
        if not numbers:
            return Renewal(frozenset(), frozenset())
        rows = EmbeddedJob.objects.filter(id__in=numbers, worker=worker)
        rows.update(lease_until=datetime.now(UTC) + LEASE)
        found = dict(rows.values_list("id", "aborted"))
        return Renewal(
            frozenset(numbers) - found.keys(), frozenset(number for number, aborted in found.items() if aborted)
        )

    def ensure_periodic(self, kind: str) -> None:
        """Queue the one job of a kind that is repeated, if it is not there yet."""
        with transaction.atomic():
            if not EmbeddedJob.objects.filter(kind=kind).exists():
                self.enqueue(Job(kind=kind))

    def _filter_due(self, kinds: Collection[str], queue: str) -> QuerySet[EmbeddedJob]:
        same_lane = EmbeddedJob.objects.filter(lane=OuterRef("lane"))
        earlier = Q(priority__gt=OuterRef("priority")) | Q(priority=OuterRef("priority"), id__lt=OuterRef("id"))
        waiting = EmbeddedJob.objects.filter(kind__in=list(kinds), worker="", queue=queue)
        due = waiting.filter(Q(not_before=None) | Q(not_before__lte=datetime.now(UTC)))
        return due.exclude(Exists(same_lane.filter(~Q(worker="") | earlier)))


def _replace_row(number: int, *, losses: int, not_before: datetime | None, priority: int) -> None:
    """Let a claimed job wait again, as a new row: its number tells a worker that was frozen that the job is no longer
    its own, even if the same worker has claimed it again."""
    row = EmbeddedJob.objects.get(id=number)
    row.delete()
    row.id, row.worker, row.lease_until, row.aborted, row.queue = None, "", None, False, ""
    row.losses, row.not_before, row.priority = losses, not_before, priority
    row.save(force_insert=True)


def _to_claimed(row: EmbeddedJob) -> ClaimedJob:
    job = Job(
        kind=row.kind,
        key=row.key,
        owner=row.of_user,
        lock=row.lock,
        priority=row.priority,
        not_before=row.not_before,
        queue=row.queue,
        losses=row.losses,
    )
    return ClaimedJob(job, row.id, row.worker)
