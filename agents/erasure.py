"""Deleting what came of a conversation or a log: messages, runs, steps and events, in one transaction.

All that others lock is locked first, in the order of `agents.locks`: a worker that writes at this moment has ended, so
what it stored is seen and goes too, and whoever comes after finds nothing to write to. An open run is ended by losing
its row: its worker's next write is refused by the guard, and its engine stops it.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.locks import lock_runs, lock_threads, lock_turn, lock_workloads
from agents.models import Message, Run, Thread
from agents.titles import forget_title
from netra.core import stream
from netra.core.events import ThreadDeleted
from netra.core.exceptions import NotFound
from netra.core.heads import lock_head
from netra.core.models import Event
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.text import text
from tools.results import forget_results
from workloads.erase import erase


@retry_on_conflict
def delete_thread(user_id: UUID, thread_id: UUID) -> None:
    """Raises NotFound for a conversation that is not the user's."""
    with as_user(user_id), transaction.atomic():
        lock_turn(user_id)
        if not lock_threads(user_id, [thread_id]):
            raise NotFound(text("There is no such conversation among yours."))
        runs = lock_runs(user_id, Q(thread_id=thread_id))
        lock_head(user_id)
        _forget_runs(user_id, runs)
        _forget_threads(user_id, [thread_id])


@retry_on_conflict
def delete_workload(user_id: UUID, workload_id: UUID, data_dir: Path) -> None:
    """The log, every question about it and every answer; conversations that are empty then go too.

    Raises NotFound for a log that is not the user's.
    """
    with as_user(user_id), transaction.atomic():
        lock_turn(user_id)  # from here on nobody asks about it any more
        told = _asked_about(user_id, workload_id)
        lock_threads(user_id, set(told.values()))
        lock_workloads(user_id, [workload_id])
        runs = lock_runs(user_id, Q(workload_id=workload_id))
        lock_head(user_id)
        _forget_runs(user_id, runs)
        texts = _forget_messages(user_id, told)
        left = set(
            Message.objects.for_user(user_id).filter(thread_id__in=told.values()).values_list("thread_id", flat=True)
        )
        _forget_threads(user_id, sorted(set(told.values()) - left))
        for thread_id in sorted(left):
            forget_title(user_id, thread_id, texts)
        erase(user_id, workload_id, data_dir)


def _asked_about(user_id: UUID, workload_id: UUID) -> Mapping[UUID, UUID]:
    """The messages of which a log's runs are the answers, and their conversations."""
    return dict(Run.objects.for_user(user_id).filter(workload_id=workload_id).values_list("message_id", "thread_id"))


def _forget_messages(user_id: UUID, message_ids: Iterable[UUID]) -> Collection[str]:
    """Returns what was said in them."""
    gone = Message.objects.for_user(user_id).filter(id__in=list(message_ids))
    texts = list(gone.values_list("text", flat=True))
    gone.delete()
    return texts


def _forget_threads(user_id: UUID, thread_ids: Iterable[UUID]) -> None:
    for thread_id in thread_ids:
        Event.objects.for_user(user_id).filter(type="thread_changed", payload__thread_id=str(thread_id)).delete()
        Thread.objects.for_user(user_id).filter(id=thread_id).delete()
        stream.append(user_id, ThreadDeleted(thread_id=thread_id))


def _forget_runs(user_id: UUID, run_ids: Collection[UUID]) -> None:
    ids = list(run_ids)
    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()
    forget_results(user_id, Q(run_id__in=ids))
