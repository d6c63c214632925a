"""Delete a conversation, a log with everything asked about it, or all data of a user, and cancel a user's runs.

Each deletion is one transaction that takes its locks first, in the order of `agents.locks`. A worker that is writing
finishes before it, so that its events are deleted too; a later write finds no run."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from django.db.models import Q

from agents import runs
from agents.locks import lock_runs, lock_threads, lock_user, lock_workloads
from agents.models import OPEN_STATES, TRIAGE_AGENT, Message, Run, RunState, Step, Thread
from agents.retention import list_scratch_folders
from agents.run_jobs import RUN
from agents.threads import replace_deleted_title
from core.context import ConnectionContext
from core.db import as_user, retry_on_conflict
from core.events import ThreadDeleted
from core.exceptions import Conflict, NotFound
from core.files import DiskEntry, find_entries
from core.jobs.queue import get_queue
from core.models import Event
from core.stream import append
from core.stream.append import Publish, lock_head
from core.stream.retention import delete_events
from tools.results import delete_results
from workloads import uploads
from workloads.logs import delete_log
from workloads.models import Upload, Workload, WorkloadState
from workloads.retention import DATA_FOLDERS

CANCEL_POLL_SECONDS = 0.2
LOG_ARGUMENTS = ("log", "other_log")
"""The arguments of tools that name another log than the run's (tools.base.LogInput and those that derive from it)."""


@retry_on_conflict
def delete_thread(user_id: UUID, thread_id: UUID, *, publish: Publish) -> None:
    """Delete a conversation with its runs. Raises NotFound if it is not the user's."""
    with as_user(user_id, atomic=True):
        lock_user(user_id)
        if not lock_threads(user_id, [thread_id]):
            raise NotFound(Thread.NOT_FOUND)
        run_ids = lock_runs(user_id, Q(thread_id=thread_id))
        lock_head(user_id)
        _delete_run_events_and_results(user_id, run_ids)
        _delete_threads(user_id, [thread_id], publish)


@retry_on_conflict
def delete_workload(user_id: UUID, workload_id: UUID, data_dir: Path, *, publish: Publish) -> None:
    """Delete a log, every question about it or comparing it with its answer, and the conversations that are empty then.

    Raises NotFound if the log is not the user's.
    """
    with as_user(user_id, atomic=True):
        lock_user(user_id)  # from here on no run about the log can be started
        about_log = _filter_runs_about(user_id, workload_id)
        thread_ids = _map_messages_to_threads(user_id, about_log)
        lock_threads(user_id, set(thread_ids.values()))
        lock_workloads(user_id, [workload_id])
        run_ids = lock_runs(user_id, about_log)
        lock_head(user_id)
        _delete_run_events_and_results(user_id, run_ids)
        texts = _delete_messages(user_id, thread_ids)
        messages = Message.objects.for_user(user_id).filter(thread_id__in=thread_ids.values())
        remaining = set(messages.values_list("thread_id", flat=True))
        _delete_threads(user_id, sorted(set(thread_ids.values()) - remaining), publish)
        for thread_id in sorted(remaining):
            replace_deleted_title(user_id, thread_id, texts, publish=publish)
        delete_log(user_id, workload_id, data_dir, publish=publish)


def _filter_runs_about(user_id: UUID, workload_id: UUID) -> Q:
    """Return the condition for the runs about a log: those of which it is the log, and those that asked about it
    beside their own, by the question or in a call of a tool. Their answers have its names and figures."""
    compared = Step.objects.for_user(user_id).filter(agent=TRIAGE_AGENT, output__other_log__id=str(workload_id))
    calls = Event.objects.for_user(user_id).filter(
        type="tool_executing", payload__arguments__has_any_keys=list(LOG_ARGUMENTS)
    )
    asked = [
        run_id
        for run_id, arguments in calls.values_list("run_id", "payload__arguments")
        if isinstance(arguments, dict) and any(_is_id(arguments.get(name), workload_id) for name in LOG_ARGUMENTS)
    ]
    return Q(workload_id=workload_id) | Q(id__in=[*asked, *compared.values_list("run_id", flat=True)])


def _is_id(value: object, row_id: UUID) -> bool:
    """Whether a call's argument is this id, in any spelling that the tool accepts."""
    try:
        return UUID(str(value).strip()) == row_id
    except ValueError:
        return False


def _map_messages_to_threads(user_id: UUID, about_log: Q) -> Mapping[UUID, UUID]:
    """Map the messages of runs to their conversations."""
    return dict(Run.objects.for_user(user_id).filter(about_log).values_list("message_id", "thread_id"))


def _delete_messages(user_id: UUID, message_ids: Iterable[UUID]) -> Collection[str]:
    """Delete messages and return their texts."""
    messages = Message.objects.for_user(user_id).filter(id__in=list(message_ids))
    texts = list(messages.values_list("text", flat=True))
    messages.delete()
    return texts


def _delete_threads(user_id: UUID, thread_ids: Iterable[UUID], publish: Publish) -> None:
    for thread_id in thread_ids:
        Event.objects.for_user(user_id).filter(type="thread_changed", payload__thread_id=str(thread_id)).delete()
        Thread.objects.for_user(user_id).filter(id=thread_id).delete()
        append.append_events(user_id, ThreadDeleted(thread_id=thread_id), publish=publish)


def _delete_run_events_and_results(user_id: UUID, run_ids: Collection[UUID]) -> None:
    ids = list(run_ids)
    unfinished = Run.objects.for_user(user_id).filter(id__in=ids, state__in=(RunState.QUEUED, *OPEN_STATES))
    for run_id in unfinished.values_list("id", flat=True):
        get_queue().abort(RUN, str(run_id))
    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()
    delete_results(user_id, Q(run_id__in=ids))


def list_run_and_workload_ids(user_id: UUID) -> frozenset[UUID]:
    """Return the ids of the user's runs and logs, which scratch folders are named by."""
    with as_user(user_id):
        run_ids = Run.objects.for_user(user_id).values_list("id", flat=True)
        return frozenset((*run_ids, *Workload.objects.for_user(user_id).values_list("id", flat=True)))


def is_reading_workload(user_id: UUID) -> bool:
    with as_user(user_id):
        return Workload.objects.for_user(user_id).filter(state=WorkloadState.READING).exists()


def list_files(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> tuple[DiskEntry, ...]:
    """Return the user's own folders and the scratch folders of these runs and logs."""
    own = [data_dir / kind / str(user_id) for kind in DATA_FOLDERS]
    return find_entries([*own, *list_scratch_folders(ids, data_dir)])


def delete_all_data(user_id: UUID, data_dir: Path, *, publish: Publish) -> None:
    """Delete all logs, conversations, uploads and events of a user.

    Each log, conversation and upload is deleted in a transaction of its own, as if the user did it: a worker loses the
    runs it holds, and an interrupted deletion can be started again.
    """
    with as_user(user_id):
        workload_ids = list(Workload.objects.for_user(user_id).values_list("id", flat=True))
        thread_ids = list(Thread.objects.for_user(user_id).values_list("id", flat=True))
        upload_ids = list(Upload.objects.for_user(user_id).values_list("id", flat=True))
    _delete_each(workload_ids, partial(delete_workload, user_id, data_dir=data_dir, publish=publish))
    _delete_each(thread_ids, partial(delete_thread, user_id, publish=publish))
    _delete_each(upload_ids, lambda upload_id: uploads.discard_upload(user_id, upload_id, data_dir))
    delete_events(user_id, Q())


def _delete_each(ids: Iterable[UUID], delete: Callable[[UUID], None]) -> None:
    for row_id in ids:
        try:
            delete(row_id)
        except NotFound:
            continue  # deleted together with another one, or by its owner meanwhile


def cancel_all_runs(user_id: UUID, *, timeout: float, publish: Publish) -> int:
    """Cancel all runs of a user and wait for their workers. Return how many runs workers still hold after `timeout`
    seconds: their rows can be deleted all the same.

    A worker that is gone is waited for only until it counts as lost.
    """
    deadline = time.monotonic() + timeout
    while True:
        _request_cancellation(user_id, publish)
        remaining = count_running_runs(user_id)
        if not remaining or time.monotonic() >= deadline:
            return remaining
        time.sleep(CANCEL_POLL_SECONDS)


def count_running_runs(user_id: UUID) -> int:
    """Return how many of the user's runs a worker works on."""
    with as_user(user_id):
        running = Run.objects.for_user(user_id).filter(state=RunState.RUNNING).values_list("id", flat=True)
        return len(get_queue().find_running(RUN, [str(run_id) for run_id in running]))


def _request_cancellation(user_id: UUID, publish: Publish) -> None:
    caller = ConnectionContext(user_id=user_id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))
    with as_user(user_id):
        unfinished = Run.objects.for_user(user_id).filter(state__in=(RunState.QUEUED, *OPEN_STATES))
        run_ids = list(unfinished.filter(cancel_requested_at=None).values_list("id", flat=True))
    for run_id in run_ids:
        try:
            runs.cancel_run(caller, run_id, publish=publish)
        except (Conflict, NotFound):
            continue  # it has ended meanwhile
