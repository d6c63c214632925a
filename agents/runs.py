"""The life of a run: queued → running ⇄ waiting_approval → completed | failed | cancelled.

Starting and cancelling only write rows, so that synchronous code can do both; an engine acts on them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from pydantic import TypeAdapter

from agents.guard import closing
from agents.models import OPEN, Message, Run, RunState, Thread
from agents.titles import title_of
from netra.core import stream
from netra.core.authority import stamp_in_turn
from netra.core.context import ConnectionContext
from netra.core.events import AgentError, RunCancelRequested, RunQueued
from netra.core.exceptions import BadInput, Conflict, NotAllowed, NotFound, TooManyRuns
from netra.core.jsonable import storable
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.languages import language_of
from netra.language.text import Text, counted, text
from workloads.models import WAITING, Workload, WorkloadState
from workloads.prices import Assumptions

MAX_MESSAGE = 20_000
MOST_WAITING = 50  # queued runs of one user
TOP_AGENT = "supervisor"
ASSUMPTIONS = TypeAdapter(Assumptions)
STATES: Mapping[str, Text] = MappingProxyType(
    {
        RunState.COMPLETED: text("completed"),
        RunState.FAILED: text("failed"),
        RunState.CANCELLED: text("cancelled"),
    }
)
"""How a run can be over, in words."""


@retry_on_conflict
def start(
    caller: ConnectionContext,
    *,
    text: str,
    workload_id: UUID | None,
    thread_id: UUID | None = None,
    assumptions: Assumptions | None = None,
    client_id: UUID | None = None,
) -> Run:
    """Queue a run for the caller: message, run row and first event in one transaction. Returns at once.

    Without a thread a new one is made; in a thread without a log, the log asked about last. The same `client_id`
    again gives the run that it started before. Raises BadInput for an empty or oversized text or a log that could not
    be read, NotFound for a thread or workload that is not the caller's, Conflict for a log still being read.
    """
    _check(text)
    try:
        with as_user(caller.user_id), transaction.atomic():
            before = known(caller, client_id, text)
            if before is not None:
                return before  # also where no more may wait: it does already
            authority = _authority(caller)
            thread = _thread(caller.user_id, thread_id, text)
            workload = _workload(caller.user_id, workload_id or _last_workload(thread))
            message = Message.objects.create(owner_id=caller.user_id, thread=thread, text=text, client_id=client_id)
            run = _queue(caller, authority, message, workload, assumptions or Assumptions())
            stream.append(caller.user_id, _queued(run, message))
            return run
    except IntegrityError:
        # The same message came twice at the same moment: the other one has started it.
        before = known(caller, client_id, text)
        if before is None:
            raise
        return before


def known(caller: ConnectionContext, client_id: UUID | None, asked: str) -> Run | None:
    """The run that the caller's message of this `client_id` has started, if it has.

    Raises Conflict where that message had another text.
    """
    if client_id is None:
        return None
    with as_user(caller.user_id):
        run: Run | None = (
            Run.objects.for_user(caller.user_id)
            .select_related("message")
            .filter(message__client_id=client_id, message__owner_id=caller.user_id)
            .first()
        )
    if run is not None and run.message.text != asked:
        raise Conflict(text("Another message has been sent under this client_id."))
    return run


@retry_on_conflict
def cancel(caller: ConnectionContext, run_id: UUID, *, by_operator: bool = False) -> Run:
    """Ask for a run's end. A queued run ends at once; a running one when its engine has stopped it.

    Asking again changes nothing. Raises NotFound for a run that is not the caller's, Conflict for one that is over.
    `by_operator`: it is not its user who asks, and its user is told so.
    """
    with as_user(caller.user_id), transaction.atomic():
        run: Run | None = Run.objects.for_user(caller.user_id).select_for_update().filter(id=run_id).first()
        if run is None:
            raise NotFound(text("There is no such run among yours."))
        if run.state == RunState.QUEUED:
            words = (
                text("Stopped by an operator before it started.")
                if by_operator
                else text("Cancelled before it started.")
            )
            end(run, "cancelled", words, stopping_ms=0)
        elif run.state not in OPEN:
            raise Conflict(text("The run is already over: {state}.", state=STATES.get(run.state, run.state)))
        elif run.cancel_requested_at is None:
            run.cancel_requested_at, run.cancelled_by_operator = datetime.now(UTC), by_operator
            run.save(update_fields=["cancel_requested_at", "cancelled_by_operator"])
            stream.append(caller.user_id, RunCancelRequested(run_id=run.id, thread_id=run.thread_id))
    return run


def end(run: Run, code: str, words: Text, *, duration_ms: float = 0, stopping_ms: float | None = None) -> None:
    """End a run that no worker holds, within the caller's transaction, and tell its user so: who held it once has
    lost it."""
    event = AgentError(
        **_top(run),
        code=code,
        message=language_of(run.locale).say(words),
        duration_ms=duration_ms,
        stopping_ms=stopping_ms,
    )
    Run.objects.filter(id=run.id).update(**closing(event), worker="")
    stream.append(run.owner_id, event)


def _top(run: Run) -> dict[str, Any]:
    """The fields of an event of the run's top agent."""
    return {
        "run_id": run.id,
        "thread_id": run.thread_id,
        "attempt": max(run.attempt, 1),
        "agent": TOP_AGENT,
        "request_id": run.request_id,
        "parent_request_id": None,
    }


def _authority(caller: ConnectionContext) -> str:
    """The caller's standing, which must hold for as long as the run does. Raises for who has none any more, and where
    as many are waiting as may: counted in the caller's turn, so that it holds over all processes."""
    found = stamp_in_turn(caller.user_id)
    if found is None:
        raise NotAllowed(text("Your account has been deactivated."))
    waiting = Run.objects.for_user(caller.user_id).filter(state=RunState.QUEUED).count()
    if waiting >= MOST_WAITING:
        raise TooManyRuns(
            counted(
                "{n} question of yours is waiting already: let it be answered first.",
                "{n} questions of yours are waiting already: let some be answered first.",
                n=waiting,
            )
        )
    return found


def _check(asked: str) -> None:
    if not asked.strip():
        raise BadInput(text("The question is empty."))
    if storable(asked) != asked:
        raise BadInput(text("The question holds characters that are not text."))
    if len(asked) > MAX_MESSAGE:
        raise BadInput(
            counted(
                "The question has {n:,} character; at most {most:,} are taken.",
                "The question has {n:,} characters; at most {most:,} are taken.",
                n=len(asked),
                most=MAX_MESSAGE,
            )
        )


def _queue(
    caller: ConnectionContext,
    authority: str,
    message: Message,
    workload: Workload | None,
    assumptions: Assumptions,
) -> Run:
    return Run.objects.create(
        owner_id=caller.user_id,
        authority=authority,
        thread=message.thread,
        message=message,
        workload=workload,
        request_id=caller.request_id,
        connection_id=caller.connection_id,
        locale=caller.locale,
        assumptions=ASSUMPTIONS.dump_python(assumptions, mode="json"),
    )


def _queued(run: Run, message: Message) -> RunQueued:
    return RunQueued(
        run_id=run.id,
        thread_id=run.thread_id,
        message_id=message.id,
        client_id=message.client_id,
        text=message.text,
        title=message.thread.title,
        workload_id=run.workload_id,
    )


def _thread(user_id: UUID, thread_id: UUID | None, asked: str) -> Thread:
    title = title_of(asked)
    if thread_id is None:
        return Thread.objects.create(owner_id=user_id, title=title)
    thread: Thread | None = Thread.objects.for_user(user_id).select_for_update().filter(id=thread_id).first()
    if thread is None:
        raise NotFound(text("There is no such conversation among yours."))
    thread.title = thread.title or title
    thread.updated_at = datetime.now(UTC)
    thread.save(update_fields=["title", "updated_at"])
    return thread


def _last_workload(thread: Thread) -> UUID | None:
    last = Run.objects.for_user(thread.owner_id).filter(thread=thread, workload__isnull=False)
    return last.order_by("-created_at").values_list("workload_id", flat=True).first()


def _workload(user_id: UUID, workload_id: UUID | None) -> Workload | None:
    if workload_id is None:
        return None
    workload: Workload | None = Workload.objects.for_user(user_id).filter(id=workload_id).first()
    if workload is None:
        raise NotFound(text("There is no such log among yours."))
    if workload.state == WorkloadState.FAILED:
        raise BadInput(text("This log could not be read: {why}", why=workload.error))
    if workload.state in WAITING:
        raise Conflict(text("This log is still being read. Ask again when that is done."))
    return workload
