from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from agents import run_queue, run_writer, runs
from agents.models import Run
from agents.run_queue import RunJob
from agents.run_writer import RunItem
from core.context import ConnectionContext
from core.exceptions import RunLost
from core.models import User
from core.stream import batches
from core.stream.append import publish_to_nobody

LEASE = timedelta(seconds=8)


def connection(user: User) -> ConnectionContext:
    return ConnectionContext(user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))


def queue_run(user: User, text: str = "cut my spend", **options: Any) -> Run:
    return runs.start_run(connection(user), question=text, workload_id=None, publish=publish_to_nobody, **options)[0]


def claim_queued_run(user: User, worker: str = "first") -> RunJob:
    """A run of the user's that a worker has taken up."""
    claim = run_queue.claim_run(
        worker, lease=LEASE, run_seconds=60, run_id=queue_run(user).id, publish=publish_to_nobody
    )
    assert claim is not None
    return claim


def write(item: RunItem) -> batches.Batch | None:
    """Store one item, as the writer would."""
    outcome = run_writer.write_fenced([item], publish=publish_to_nobody)
    if outcome.lost:
        raise RunLost
    return outcome.commits.get(item.user_id)
