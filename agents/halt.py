"""All of a user's runs, brought to an end: asked to stop as the user would, then waited for."""

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from agents import runs
from agents.models import OPEN, Run, RunState
from netra.core.context import ConnectionContext
from netra.core.exceptions import Conflict, NotFound
from netra.core.scope import as_user

TICK = 0.2  # seconds


def stop_all(user_id: UUID, *, patience: float) -> int:
    """Returns how many runs a worker still holds after at most `patience` seconds: rows need not wait for those.

    A worker that is gone is not waited for longer than its lease.
    """
    until = time.monotonic() + patience
    while True:
        _ask(user_id)
        left = held(user_id)
        if not left or time.monotonic() >= until:
            return left
        time.sleep(TICK)


def held(user_id: UUID) -> int:
    """How many of the user's runs are in the hands of a worker."""
    with as_user(user_id):
        mine = Run.objects.for_user(user_id).filter(state=RunState.RUNNING, lease_until__gt=datetime.now(UTC))
        return mine.count()


def _ask(user_id: UUID) -> None:
    caller = ConnectionContext(user_id=user_id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))
    with as_user(user_id):
        mine = Run.objects.for_user(user_id).filter(state__in=(RunState.QUEUED, *OPEN), cancel_requested_at=None)
        waiting = list(mine.values_list("id", flat=True))
    for run_id in waiting:
        try:
            runs.cancel(caller, run_id)
        except (Conflict, NotFound):
            continue  # it has just ended by itself
