"""The life cycle of a run: queued, running or waiting for approval, then completed, failed or cancelled.

Starting and cancelling only write rows, so that synchronous code can do both. A worker acts on the rows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError

from agents.models import OPEN_STATES, Run, RunState
from agents.run_conditions import (
    ReadableLog,
    StartGrounds,
    authorize_start,
    check_question,
    get_readable_log,
    load_grounds,
)
from agents.run_jobs import RUN, build_run_job
from agents.run_rows import UnfinishedRun, store_end, store_question
from agents.threads import derive_title, update_thread
from core.context import ConnectionContext
from core.db import as_user, retry_on_conflict
from core.events import AgentError, RunCancelRequested, RunQueued
from core.exceptions import BadInput, Conflict
from core.i18n.language import match_language
from core.i18n.text import Text, text
from core.jobs.queue import get_queue
from core.stream import append
from core.stream.append import Publish
from core.users import lock_fingerprint
from workloads.logs import change_assumptions
from workloads.pricing.assumptions import (
    NO_ASSUMPTIONS,
    NO_CHANGE,
    UTC_ZONE,
    Assumptions,
    AssumptionsChange,
    apply_change,
    check_time_zone,
    override_for_run,
    read_assumptions,
    to_assumptions_json,
)
from workloads.pricing.lever_answers import parse_sentences
from workloads.pricing.price_sentences import parse_prices

TOP_AGENT = "supervisor"
FINAL_STATE_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        RunState.COMPLETED: text("completed"),
        RunState.FAILED: text("failed"),
        RunState.CANCELLED: text("cancelled"),
    }
)
"""The final states of a run, in words for users."""


@retry_on_conflict
def start_run(
    caller: ConnectionContext,
    *,
    question: str,
    workload_id: UUID | None,
    thread_id: UUID | None = None,
    assumptions: AssumptionsChange = NO_CHANGE,
    client_id: UUID | None = None,
    time_zone: str = UTC_ZONE,
    queue: str = "",
    publish: Publish,
) -> tuple[Run, bool]:
    """Queue a run for the caller: store message, run, job and first event in one transaction, and return at once.

    Return the run, and whether it was created: the same `client_id` again returns the run that it started before.
    Without a thread, a new one is created. In a thread, a question without a log is about the log asked about last.
    The run assumes what is kept with the log, as changed by `assumptions`. A message that answers the report's
    questions changes what is kept. Days are those of `time_zone`, the reader's, unless one is kept with the log.
    With a `queue`, the job waits for the runner of that name.
    Raises BadInput for an empty or oversized question, an unknown time zone or a log that could not be read, NotFound
    for a thread or workload that is not the caller's, and Conflict for a log that is still being read or a `client_id`
    that was sent with another question.
    """
    check_question(question)
    check_time_zone(time_zone)
    apply_change(NO_ASSUMPTIONS, assumptions)  # an impossible one is an error even if the message was sent before
    wanted = partial(load_grounds, caller.user_id, client_id=client_id, workload_id=workload_id, thread_id=thread_id)
    try:
        with as_user(caller.user_id, atomic=True):
            fingerprint, grounds = lock_fingerprint(caller.user_id), wanted()
            existing = _find_started_run(caller, grounds, question)
            if existing is not None:
                return existing, False  # even if no more runs may be queued: this one already is
            authority, message_id, title = authorize_start(fingerprint, grounds), uuid4(), derive_title(question)
            new_title = title if thread_id is None else None
            if thread_id is not None:
                title = update_thread(caller.user_id, thread_id, title, message_id)
            log = get_readable_log(caller.user_id, grounds)
            kept = _save_statements(caller, log, question, publish)
            run = Run(
                owner_id=caller.user_id,
                authority=authority,
                thread_id=thread_id or uuid4(),
                message_id=message_id,
                workload_id=log.id if log else None,
                request_id=caller.request_id,
                connection_id=caller.connection_id,
                locale=caller.locale,
                assumptions=to_assumptions_json(override_for_run(kept, assumptions)),
                time_zone=time_zone,
                state=RunState.QUEUED.value,
                created_at=datetime.now(UTC),
            )
            store_question(run, question=question, client_id=client_id, new_title=new_title)
            get_queue().enqueue(build_run_job(run, queue=queue))
            append.append_events(caller.user_id, _to_run_queued(run, question, client_id, title), publish=publish)
            return run, True
    except IntegrityError:
        # The same message was sent twice at the same moment: the other request has started the run.
        with as_user(caller.user_id):
            existing = _find_started_run(caller, wanted(), question)
        if existing is None:
            raise
        return existing, False


def _save_statements(
    caller: ConnectionContext, log: ReadableLog | None, question: str, publish: Publish
) -> Assumptions:
    """Save what the message says about the log: answers to the report's questions, such as "nightly-summaries can
    wait", and prices, such as "gpt-4o costs us 2/8". Prices of a model that nobody knows are not saved.

    Return what is kept with the log then.
    """
    if log is None:
        return NO_ASSUMPTIONS
    answers, prices = parse_sentences(question, now=datetime.now(UTC)), parse_prices(question)
    change = {**({"answers": answers} if answers else {}), **prices}
    if not change:
        return read_assumptions(log.assumptions)
    try:
        changed = change_assumptions(caller.user_id, log.id, change, publish=publish)
    except BadInput:
        if not prices:
            raise
        return read_assumptions(log.assumptions)
    return read_assumptions(changed.assumptions)


def _find_started_run(caller: ConnectionContext, grounds: StartGrounds, question: str) -> Run | None:
    """Return the run that the caller's message with this `client_id` has started, if there is one.

    Raises Conflict if that message had another text.
    """
    if grounds.message is None:
        return None
    run: Run | None = Run.objects.for_user(caller.user_id).filter(message_id=grounds.message).first()
    if run is not None and grounds.sent != question:
        raise Conflict(text("A different message was already sent with this client_id."))
    return run


@retry_on_conflict
def cancel_run(caller: ConnectionContext, run_id: UUID, *, by_operator: bool = False, publish: Publish) -> Run:
    """Cancel a run: a queued run ends at once, a running one when its worker has stopped it.

    Cancelling again changes nothing. Raises NotFound for a run that is not the caller's and Conflict for one that is
    over. With `by_operator`, the user's message says that an operator stopped the run.
    """
    with as_user(caller.user_id, atomic=True):
        run: Run = Run.objects.select_for_update().get_for(caller.user_id, run_id)
        if run.state == RunState.QUEUED:
            message = (
                text("Stopped by an administrator before it started.")
                if by_operator
                else text("Cancelled before it started.")
            )
            get_queue().abort(RUN, str(run.id))
            end_run(run, "cancelled", message, stopping_ms=0, publish=publish)
        elif run.state not in OPEN_STATES:
            raise Conflict(
                text("The run has already ended: {state}.", state=FINAL_STATE_NAMES.get(run.state, run.state))
            )
        elif run.cancel_requested_at is None:
            run.cancel_requested_at, run.cancelled_by_operator = datetime.now(UTC), by_operator
            run.save(update_fields=["cancel_requested_at", "cancelled_by_operator"])
            get_queue().abort(RUN, str(run.id))
            event = RunCancelRequested(run_id=run.id, thread_id=run.thread_id)
            append.append_events(caller.user_id, event, publish=publish)
    return run


def end_run(
    run: Run | UnfinishedRun,
    code: str,
    message: Text,
    *,
    publish: Publish,
    duration_ms: float = 0,
    stopping_ms: float | None = None,
) -> None:
    """End a run that no worker holds, and append its terminal event, within the caller's transaction.

    A worker that held the run before can no longer write to it.
    """
    event = AgentError(
        **_build_top_agent_fields(run),
        code=code,
        message=match_language(run.locale).translate(message),
        duration_ms=duration_ms,
        stopping_ms=stopping_ms,
    )
    store_end(run.id, event)
    append.append_events(run.owner_id, event, publish=publish)


def _build_top_agent_fields(run: Run | UnfinishedRun) -> dict[str, Any]:
    """Return the common fields of an event of the run's top agent."""
    return {
        "run_id": run.id,
        "thread_id": run.thread_id,
        "attempt": max(run.attempt, 1),
        "agent": TOP_AGENT,
        "request_id": run.request_id,
        "parent_request_id": None,
    }


def _to_run_queued(run: Run, question: str, client_id: UUID | None, title: str) -> RunQueued:
    return RunQueued(
        run_id=run.id,
        thread_id=run.thread_id,
        message_id=run.message_id,
        client_id=client_id,
        text=question,
        title=title,
        workload_id=run.workload_id,
    )
