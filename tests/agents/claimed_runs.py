from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from agents import run_queue, run_writer, runs
from agents.models import Run
from agents.run_jobs import RUN
from agents.run_queue import RunJob
from agents.run_writer import RunItem
from core.context import ConnectionContext
from core.exceptions import RunLost
from core.models import User
from core.stream import batches
from core.stream.append import publish_to_nobody
from tests.support.claimed_jobs import claim_job


def connection(user: User) -> ConnectionContext:
    return ConnectionContext(user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))


def queue_run(user: User, text: str = "cut my spend", **options: Any) -> Run:
    return runs.start_run(connection(user), question=text, workload_id=None, publish=publish_to_nobody, **options)[0]


def begin_claimed(run_id: UUID, worker: str = "first") -> RunJob:
    """Begin a queued run, as a worker that lives for as long as the test says."""
    claimed = claim_job(RUN, run_id, worker)
    begun = run_queue.begin_run(claimed.job, run_seconds=60, publish=publish_to_nobody)
    assert begun is not None
    return begun


def claim_queued_run(user: User, worker: str = "first") -> RunJob:
    """A run of the user's that a worker has begun."""
    return begin_claimed(queue_run(user).id, worker)


def write(item: RunItem) -> batches.Batch | None:
    """Store one item, as the writer would."""
    outcome = run_writer.write_fenced([item], publish=publish_to_nobody)
    if outcome.lost:
        raise RunLost
    return outcome.commits.get(item.user_id)
