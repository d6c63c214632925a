"""A job: what is to be done for whom, as ids. Whether its handler may still write is for the domain to say."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

RESUMED_PRIORITY = 1_000
"""Of a job that was begun before: it goes on before others begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`key` is the id of what is worked on, and `owner` the user whose it is (None: the installation's).

    Jobs of one kind with the same `lock` run one after the other, in the order in which they were queued, and at most
    `at_once` of an owner's jobs of a kind run at once (0: any number, and in any order). With a `queue`, only a runner
    of that name takes the job, until that runner is lost. `losses` counts the tries that were lost or failed.
    """

    kind: str
    key: str = ""
    owner: UUID | None = None
    lock: str = ""
    at_once: int = 1
    priority: int = 0
    not_before: datetime | None = None
    queue: str = ""
    losses: int = 0


class ClaimedJob(NamedTuple):
    """A job that a worker has begun: its number in the queue, and the worker."""

    job: Job
    number: int
    worker: str


class OpenJob(NamedTuple):
    """A job of the same kind and owner that is waiting or running."""

    lane: str
    lock: str
    priority: int
    is_running: bool


class Placement(NamedTuple):
    """A job's lane, of which one job runs at a time, in order of priority and then of queueing; "": none."""

    lane: str
    priority: int


def list_lanes(job: Job) -> list[str]:
    """Return the lanes in which a job may run: as many as its owner may have jobs at once."""
    if job.owner is None:
        return [f"{job.kind}:{job.lock}"] if job.lock else []
    return [f"{job.kind}:{job.owner.hex}:{number}" for number in range(job.at_once)]


def place_job(job: Job, open_jobs: list[OpenJob]) -> Placement:
    """Choose the lane and the priority of a new job, beside the jobs that are open in its lanes.

    A locked job goes where the last one with its lock is, so that they keep their order; others go to the lane with the
    fewest jobs. The n-th waiting job of an owner comes after everybody's n-1 first: so users take turns, however much
    one of them queues. Once those before it have begun, it goes to the end of the line (`JobQueue.promote_next`), or
    users who ask again and again would stay before it for good. Within a lane nothing is overtaken.
    """
    lanes = list_lanes(job)
    if not lanes:
        return Placement("", job.priority)
    waiting = [each for each in open_jobs if not each.is_running]
    lane = next((each.lane for each in open_jobs if job.lock and each.lock == job.lock), None)
    if lane is None:
        lane = min(lanes, key=lambda name: sum(each.lane == name for each in open_jobs))
    before = [each.priority for each in waiting if each.lane == lane]
    return Placement(lane, min([job.priority - len(waiting), *before]))
