"""The life of a run: queued → running ⇄ waiting_approval → completed | failed | cancelled.

Starting and cancelling only write rows, so that synchronous code can do both; an engine acts on them.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter

from agents.guard import closing
from agents.models import OPEN, Message, Run, RunState, Thread
from netra.core import stream
from netra.core.context import ConnectionContext
from netra.core.events import AgentError, RunCancelRequested, RunQueued
from netra.core.exceptions import BadInput, Conflict, NotFound
from netra.core.jsonable import storable
from netra.core.scope import as_user
from workloads.models import Workload
from workloads.prices import Assumptions

MAX_MESSAGE = 20_000
TOP_AGENT = "supervisor"
ASSUMPTIONS = TypeAdapter(Assumptions)


def start(
    caller: ConnectionContext,
    *,
    text: str,
    workload_id: UUID | None,
    thread_id: UUID | None = None,
    assumptions: Assumptions | None = None,
) -> Run:
    """Queue a run for the caller: message, run row and first event in one transaction. Returns at once.

    Without a thread a new one is made. Raises BadInput for an empty or oversized text, NotFound for a thread or
    workload that is not the caller's.
    """
    if not text.strip():
        raise BadInput("The question is empty.")
    if storable(text) != text:
        raise BadInput("The question holds characters that are not text.")
    if len(text) > MAX_MESSAGE:
        raise BadInput(f"The question has {len(text):,} characters; at most {MAX_MESSAGE:,} are taken.")
    with as_user(caller.user_id), transaction.atomic():
        thread = _thread(caller.user_id, thread_id, text)
        if workload_id and not Workload.objects.for_user(caller.user_id).filter(id=workload_id).exists():
            raise NotFound("There is no such log among yours.")
        message = Message.objects.create(owner_id=caller.user_id, thread=thread, text=text)
        run = Run.objects.create(
            owner_id=caller.user_id,
            thread=thread,
            message=message,
            workload_id=workload_id,
            request_id=caller.request_id,
            connection_id=caller.connection_id,
            locale=caller.locale,
            assumptions=ASSUMPTIONS.dump_python(assumptions or Assumptions(), mode="json"),
        )
        stream.append(caller.user_id, RunQueued(run_id=run.id, thread_id=thread.id, message_id=message.id))
    return run


def cancel(caller: ConnectionContext, run_id: UUID) -> Run:
    """Ask for a run's end. A queued run ends at once; a running one when its engine has stopped it.

    Asking again changes nothing. Raises NotFound for a run that is not the caller's, Conflict for one that is over.
    """
    with as_user(caller.user_id), transaction.atomic():
        run: Run | None = Run.objects.for_user(caller.user_id).select_for_update().filter(id=run_id).first()
        if run is None:
            raise NotFound("There is no such run among yours.")
        if run.state == RunState.QUEUED:
            end(run, AgentError(**top(run), code="cancelled", message="Cancelled before it started.", duration_ms=0))
        elif run.state not in OPEN:
            raise Conflict(f"The run is already over: {run.state}.")
        elif run.cancel_requested_at is None:
            run.cancel_requested_at = datetime.now(UTC)
            run.save(update_fields=["cancel_requested_at"])
            stream.append(caller.user_id, RunCancelRequested(run_id=run.id, thread_id=run.thread_id))
    return run


def end(run: Run, event: AgentError) -> None:
    """End a run that no worker holds, within the caller's transaction."""
    Run.objects.filter(id=run.id).update(**closing(event))
    stream.append(run.owner_id, event)


def top(run: Run) -> dict[str, Any]:
    """The fields of an event of the run's top agent."""
    return {
        "run_id": run.id,
        "thread_id": run.thread_id,
        "attempt": max(run.attempt, 1),
        "agent": TOP_AGENT,
        "request_id": run.request_id,
        "parent_request_id": None,
    }


def _thread(user_id: UUID, thread_id: UUID | None, text: str) -> Thread:
    if thread_id is None:
        return Thread.objects.create(owner_id=user_id, title=text.strip().splitlines()[0][:200])
    thread: Thread | None = Thread.objects.for_user(user_id).filter(id=thread_id).first()
    if thread is None:
        raise NotFound("There is no such conversation among yours.")
    return thread
