from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from agents import guard, leases, runs
from agents.guard import RunItem
from agents.leases import Claim
from agents.models import Run
from netra.core import stream
from netra.core.context import ConnectionContext
from netra.core.exceptions import RunLost
from netra.core.models import User

LEASE = timedelta(seconds=8)


def connection(user: User) -> ConnectionContext:
    return ConnectionContext(user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))


def queued(user: User, text: str = "cut my spend", **options: Any) -> Run:
    return runs.start(connection(user), text=text, workload_id=None, **options)


def claimed(user: User, worker: str = "first") -> Claim:
    """A run of the user's that a worker has taken up."""
    claim = leases.claim(worker, lease=LEASE, run_seconds=60, run_id=queued(user).id)
    assert claim is not None
    return claim


def write(item: RunItem) -> stream.Batch | None:
    """Store one item, as the writer would."""
    outcome = guard.write([item])
    if outcome.lost:
        raise RunLost
    return outcome.written.get(item.user_id)
