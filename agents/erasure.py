"""Deleting what came of a conversation or a log: messages, runs, steps and events, in one transaction.

An open run is ended by losing its row: its worker's next write is refused by the guard, and its engine stops it.
"""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.models import Message, Run, Thread
from netra.core import stream
from netra.core.events import ThreadDeleted
from netra.core.exceptions import NotFound
from netra.core.models import Event
from netra.core.scope import as_user
from netra.language.text import text
from tools.results import forget_results
from workloads.erase import erase


def delete_thread(user_id: UUID, thread_id: UUID) -> None:
    """Raises NotFound for a conversation that is not the user's."""
    with as_user(user_id), transaction.atomic():
        if not Thread.objects.for_user(user_id).filter(id=thread_id).exists():
            raise NotFound(text("There is no such conversation among yours."))
        _forget_threads(user_id, [thread_id])


def delete_workload(user_id: UUID, workload_id: UUID, data_dir: Path) -> None:
    """The log, every question about it and every answer; conversations that are empty then go too.

    Raises NotFound for a log that is not the user's.
    """
    with as_user(user_id), transaction.atomic():
        about = Run.objects.for_user(user_id).filter(workload_id=workload_id)
        told = dict(about.values_list("message_id", "thread_id"))
        _forget_runs(user_id, about.values_list("id", flat=True))
        Message.objects.for_user(user_id).filter(id__in=told).delete()
        left = Message.objects.for_user(user_id).filter(thread_id__in=told.values())
        _forget_threads(user_id, set(told.values()) - set(left.values_list("thread_id", flat=True)))
        erase(user_id, workload_id, data_dir)


def _forget_threads(user_id: UUID, thread_ids: Iterable[UUID]) -> None:
    for thread_id in thread_ids:
        _forget_runs(user_id, Run.objects.for_user(user_id).filter(thread_id=thread_id).values_list("id", flat=True))
        Event.objects.for_user(user_id).filter(type="thread_changed", payload__thread_id=str(thread_id)).delete()
        Thread.objects.for_user(user_id).filter(id=thread_id).delete()
        stream.append(user_id, ThreadDeleted(thread_id=thread_id))


def _forget_runs(user_id: UUID, run_ids: Iterable[UUID]) -> None:
    ids = list(run_ids)
    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()
    forget_results(user_id, Q(run_id__in=ids))
