"""The order in which a user's rows are locked.

All code that locks more than one kind of row keeps it, so that two transactions never wait for each other:

1. the user's own row: starting a run, deleting, taking a slot and reserving money happen one at a time per user
2. conversations
3. logs
4. uploads
5. runs
6. the sequence rows of streams
7. rows that come with events or refer to the above: events, steps, results, slots, spending, consents
8. the heads of the audit chain
9. jobs (core.jobs): whoever locks one has locked its run or log before, if that exists. A lock of a user's lanes is
   taken before 6, to queue a job

Rows of one kind are locked in the order of their ids. The writer of a process (`agents.run_writer`) begins at 5 and
never waits there: an item whose run is locked elsewhere is retried, and a conversation that is locked keeps its title.
A deletion holds 1 to 6 *before* it deletes the first row. So a worker's transaction that has passed the fence is over,
and its events are deleted too; a later one finds its run locked, and then deleted.

A foreign key locks the row that it refers to when its transaction ends, which is after 8. Code that stores a row that
refers to a conversation or log therefore locks the user, or locks that row at its place in this order.

On SQLite a transaction begins with the lock of the only writer: nothing waits here."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from agents.models import Run, Thread
from core.exceptions import UserGone
from core.i18n.text import text
from core.models import OwnedQuerySet, User
from core.stream.append import lock_head
from workloads.models import Upload, Workload


def lock_user(user_id: UUID) -> None:
    """Lock the user's own row. Raises UserGone. Rows that refer to the user can still be stored."""
    rows = User.objects.select_for_update(no_key=True).filter(id=user_id)
    if rows.values_list("id", flat=True).first() is None:
        raise UserGone(text("This account no longer exists."))


def lock_threads(user_id: UUID, thread_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Lock the user's threads among these, and return their ids."""
    return _lock_rows(Thread.objects.for_user(user_id).filter(id__in=thread_ids))


def lock_workloads(user_id: UUID, workload_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Lock the user's logs among these with their uploads, and return the logs' ids."""
    found = _lock_rows(Workload.objects.for_user(user_id).filter(id__in=workload_ids))
    _lock_rows(Upload.objects.for_user(user_id).filter(workload_id__in=found))
    return found


def lock_runs(user_id: UUID, which: Q) -> tuple[UUID, ...]:
    """Lock the user's runs that match, and return their ids. Waits for a worker that is writing to one."""
    return _lock_rows(Run.objects.for_user(user_id).filter(which))


def lock_all_rows(user_id: UUID) -> None:
    """Lock all of a user's rows that anything locks."""
    lock_user(user_id)
    _lock_rows(Thread.objects.for_user(user_id))
    _lock_rows(Workload.objects.for_user(user_id))
    _lock_rows(Upload.objects.for_user(user_id))
    _lock_rows(Run.objects.for_user(user_id))
    lock_head(user_id)


def _lock_rows(rows: OwnedQuerySet[Any]) -> tuple[UUID, ...]:
    return tuple(rows.order_by("id").select_for_update().values_list("id", flat=True))
