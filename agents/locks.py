"""The order in which a user's rows are locked. It is written down here, and kept by everybody who locks more than one
kind of them, so that two transactions never wait for each other:

1. the user's own row (the turn): who starts a run, deletes, takes a slot or sets money aside, one at a time per user
2. conversations
3. logs
4. uploads
5. runs
6. the heads of streams
7. all that comes with events or hangs on the above: events, steps, results, slots, spending, consents
8. the heads of the audit

Rows of one kind are locked in the order of their ids. The writer of a process (`agents.guard`) begins at 5 and never
waits there: what somebody else holds is given again. Whoever deletes holds 1 to 6 *before* the first row goes. So a
worker's transaction that has passed the guard is over, and its events are seen and deleted; one that comes later finds
its run locked, and then gone.

A foreign key locks the row that it refers to when its transaction ends, which is after 8. Who stores a row that refers
to a conversation or log therefore holds the turn, or locks that row at its place in this order.

On SQLite a transaction begins with the only writer's lock: nothing here waits.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from agents.models import Run, Thread
from netra.core.exceptions import UserGone
from netra.core.heads import lock_head
from netra.core.models import OwnedQuerySet, User
from netra.language.text import text
from workloads.models import Upload, Workload


def lock_turn(user_id: UUID) -> None:
    """Raises UserGone. Rows that refer to the user can be stored meanwhile."""
    turn = User.objects.select_for_update(no_key=True).filter(id=user_id)
    if turn.values_list("id", flat=True).first() is None:
        raise UserGone(text("This account no longer exists."))


def lock_threads(user_id: UUID, thread_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Those that are there, and the user's."""
    return _lock(Thread.objects.for_user(user_id).filter(id__in=thread_ids))


def lock_workloads(user_id: UUID, workload_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """With the uploads that they came by."""
    found = _lock(Workload.objects.for_user(user_id).filter(id__in=workload_ids))
    _lock(Upload.objects.for_user(user_id).filter(workload_id__in=found))
    return found


def lock_runs(user_id: UUID, which: Q) -> tuple[UUID, ...]:
    """Also those that a worker writes at this moment: once it has."""
    return _lock(Run.objects.for_user(user_id).filter(which))


def lock_estate(user_id: UUID) -> None:
    """All of a user's rows that others lock."""
    lock_turn(user_id)
    _lock(Thread.objects.for_user(user_id))
    _lock(Workload.objects.for_user(user_id))
    _lock(Upload.objects.for_user(user_id))
    _lock(Run.objects.for_user(user_id))
    lock_head(user_id)


def _lock(rows: OwnedQuerySet[Any]) -> tuple[UUID, ...]:
    return tuple(rows.order_by("id").select_for_update().values_list("id", flat=True))
