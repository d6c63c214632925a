"""Delete a conversation, a log with everything asked about it, or all data of a user, and cancel a user's runs.

Each deletion is one transaction that takes its locks first, in the order of `agents.locks`. A worker that is writing
finishes before it, so that its events are deleted too; a later write finds no run."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from agents import runs
from agents.locks import lock_runs, lock_threads, lock_user, lock_workloads
from agents.models import OPEN_STATES, Message, Run, RunState, Thread
from agents.retention import list_scratch_folders
from agents.threads import replace_deleted_title
from core.context import ConnectionContext
from core.db import as_user, retry_on_conflict
from core.events import ThreadDeleted
from core.exceptions import Conflict, NotFound
from core.files import DiskEntry, find_entries
from core.i18n.text import text
from core.models import Event
from core.stream import append
from core.stream.retention import delete_events
from core.stream.sequence import lock_head
from tools.results import delete_results
from workloads import uploads
from workloads.logs import delete_log
from workloads.models import Upload, Workload, WorkloadState
from workloads.retention import DATA_FOLDERS


@retry_on_conflict
def delete_thread(user_id: UUID, thread_id: UUID) -> None:
    """Raises NotFound for a conversation that is not the user's."""
    with as_user(user_id), transaction.atomic():
        lock_user(user_id)
        if not lock_threads(user_id, [thread_id]):
            raise NotFound(text("There is no such conversation among yours."))
        runs = lock_runs(user_id, Q(thread_id=thread_id))
        lock_head(user_id)
        _delete_run_events_and_results(user_id, runs)
        _delete_threads(user_id, [thread_id])


@retry_on_conflict
def delete_workload(user_id: UUID, workload_id: UUID, data_dir: Path) -> None:
    """The log, every question about it and every answer; conversations that are empty then go too.

    Raises NotFound for a log that is not the user's.
    """
    with as_user(user_id), transaction.atomic():
        lock_user(user_id)  # from here on nobody asks about it any more
        told = _map_messages_to_threads(user_id, workload_id)
        lock_threads(user_id, set(told.values()))
        lock_workloads(user_id, [workload_id])
        runs = lock_runs(user_id, Q(workload_id=workload_id))
        lock_head(user_id)
        _delete_run_events_and_results(user_id, runs)
        texts = _delete_messages(user_id, told)
        left = set(
            Message.objects.for_user(user_id).filter(thread_id__in=told.values()).values_list("thread_id", flat=True)
        )
        _delete_threads(user_id, sorted(set(told.values()) - left))
        for thread_id in sorted(left):
            replace_deleted_title(user_id, thread_id, texts)
        delete_log(user_id, workload_id, data_dir)


def _map_messages_to_threads(user_id: UUID, workload_id: UUID) -> Mapping[UUID, UUID]:
    """The messages of which a log's runs are the answers, and their conversations."""
    return dict(Run.objects.for_user(user_id).filter(workload_id=workload_id).values_list("message_id", "thread_id"))


def _delete_messages(user_id: UUID, message_ids: Iterable[UUID]) -> Collection[str]:
    """Returns what was said in them."""
    gone = Message.objects.for_user(user_id).filter(id__in=list(message_ids))
    texts = list(gone.values_list("text", flat=True))
    gone.delete()
    return texts


def _delete_threads(user_id: UUID, thread_ids: Iterable[UUID]) -> None:
    for thread_id in thread_ids:
        Event.objects.for_user(user_id).filter(type="thread_changed", payload__thread_id=str(thread_id)).delete()
        Thread.objects.for_user(user_id).filter(id=thread_id).delete()
        append.append_events(user_id, ThreadDeleted(thread_id=thread_id))


def _delete_run_events_and_results(user_id: UUID, run_ids: Collection[UUID]) -> None:
    ids = list(run_ids)
    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()
    delete_results(user_id, Q(run_id__in=ids))


def list_run_and_workload_ids(user_id: UUID) -> frozenset[UUID]:
    """The runs and logs of the user: working folders are named by them."""
    with as_user(user_id):
        of_runs = Run.objects.for_user(user_id).values_list("id", flat=True)
        return frozenset((*of_runs, *Workload.objects.for_user(user_id).values_list("id", flat=True)))


def is_reading_workload(user_id: UUID) -> bool:
    with as_user(user_id):
        return Workload.objects.for_user(user_id).filter(state=WorkloadState.READING).exists()


def list_files(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> tuple[DiskEntry, ...]:
    """The user's own folders, and the working folders of these runs and logs."""
    own = [data_dir / kind / str(user_id) for kind in DATA_FOLDERS]
    return find_entries([*own, *list_scratch_folders(ids, data_dir)])


def delete_all_data(user_id: UUID, data_dir: Path) -> None:
    """Each thing in a transaction of its own, as if the user deleted one after the other: a worker that has one loses
    it, and whoever is interrupted can begin again."""
    with as_user(user_id):
        logs = list(Workload.objects.for_user(user_id).values_list("id", flat=True))
        threads = list(Thread.objects.for_user(user_id).values_list("id", flat=True))
        begun = list(Upload.objects.for_user(user_id).values_list("id", flat=True))
    _delete_each(logs, lambda log: delete_workload(user_id, log, data_dir))
    _delete_each(threads, lambda thread: delete_thread(user_id, thread))
    _delete_each(begun, lambda upload: uploads.discard_upload(user_id, upload, data_dir))
    delete_events(user_id, Q())


def _delete_each(ids: Iterable[UUID], delete: Callable[[UUID], None]) -> None:
    for each in ids:
        try:
            delete(each)
        except NotFound:
            continue  # gone with another one, or by its owner's own hand


CANCEL_POLL_SECONDS = 0.2  # seconds


def cancel_all_runs(user_id: UUID, *, patience: float) -> int:
    """Returns how many runs a worker still holds after at most `patience` seconds: rows need not wait for those.

    A worker that is gone is not waited for longer than its lease.
    """
    until = time.monotonic() + patience
    while True:
        _request_cancellation(user_id)
        left = count_leased_runs(user_id)
        if not left or time.monotonic() >= until:
            return left
        time.sleep(CANCEL_POLL_SECONDS)


def count_leased_runs(user_id: UUID) -> int:
    """How many of the user's runs are in the hands of a worker."""
    with as_user(user_id):
        mine = Run.objects.for_user(user_id).filter(state=RunState.RUNNING, lease_until__gt=datetime.now(UTC))
        return mine.count()


def _request_cancellation(user_id: UUID) -> None:
    caller = ConnectionContext(user_id=user_id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))
    with as_user(user_id):
        mine = Run.objects.for_user(user_id).filter(state__in=(RunState.QUEUED, *OPEN_STATES), cancel_requested_at=None)
        waiting = list(mine.values_list("id", flat=True))
    for run_id in waiting:
        try:
            runs.cancel_run(caller, run_id)
        except (Conflict, NotFound):
            continue  # it has just ended by itself
