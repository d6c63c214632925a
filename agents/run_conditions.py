"""Conditions for starting a run: the question is valid, its user may ask another one, and the log is ready."""

import json
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from agents.models import Message, Run, RunState
from core.db import to_params, to_uuid
from core.exceptions import BadInput, Conflict, NotAllowed, NotFound, TooManyRuns
from core.i18n.text import plural_text, text
from core.json_data import to_storable
from workloads.models import UNREADY_STATES, Workload, WorkloadState

MAX_MESSAGE = 20_000  # characters of a question
MAX_QUEUED_RUNS = 50  # queued runs of one user


class StartGrounds(NamedTuple):
    """What a start depends on besides its user. `message` and its text, `sent`, came before with its `client_id`.
    `log`: the log that it is about, which `is_named` if the caller chose it."""

    message: UUID | None
    sent: str
    queued: int
    is_named: bool
    log: UUID | None
    state: str
    assumptions: Any


class ReadableLog(NamedTuple):
    """A log that can be asked about, and what is assumed about it, as JSON."""

    id: UUID
    assumptions: Any


def load_grounds(
    user_id: UUID, *, client_id: UUID | None, workload_id: UUID | None, thread_id: UUID | None
) -> StartGrounds:
    """Return the grounds of a start by one plain statement, as it is executed for each question.

    Without a log, it is about the one that the conversation asked about last. Call it after `lock_fingerprint`, so that
    the user's runs that others have queued are counted.
    """
    run, message, log = (each._meta.db_table for each in (Run, Message, Workload))
    wanted = (user_id, RunState.QUEUED.value, user_id, client_id, user_id, workload_id, user_id, thread_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, m.text, (SELECT count(*) FROM {run} WHERE owner_id = %s AND state = %s), "
            f"w.id, w.state, w.assumptions FROM (SELECT 1) AS one "
            f"LEFT JOIN {message} m ON m.owner_id = %s AND m.client_id = %s "
            f"LEFT JOIN {log} w ON w.owner_id = %s AND w.id = COALESCE(%s, (SELECT r.workload_id FROM {run} r "
            "WHERE r.owner_id = %s AND r.thread_id = %s AND r.workload_id IS NOT NULL "
            "ORDER BY r.created_at DESC LIMIT 1))",
            to_params(wanted),
        )
        sent, words, queued, found, state, assumptions = cursor.fetchone()
    return StartGrounds(
        message=None if sent is None else to_uuid(sent),
        sent=words or "",
        queued=queued,
        is_named=workload_id is not None,
        log=None if found is None else to_uuid(found),
        state=state or "",
        assumptions=json.loads(assumptions or "{}"),
    )


def authorize_start(fingerprint: str | None, grounds: StartGrounds) -> str:
    """Return the fingerprint of the caller's credentials, which must stay the same for as long as the run lasts.

    Raises NotAllowed if the caller is deactivated and TooManyRuns if too many runs are queued. Runs are counted while
    the user's row is locked, so that the limit holds across all processes.
    """
    if fingerprint is None:
        raise NotAllowed(text("Your account has been deactivated."))
    if grounds.queued >= MAX_QUEUED_RUNS:
        raise TooManyRuns(
            plural_text(
                "You already have {n} question waiting. Wait for its answer, then ask again.",
                "You already have {n} questions waiting. Wait for some answers, then ask again.",
                n=grounds.queued,
            )
        )
    return fingerprint


def check_question(question: str) -> None:
    if not question.strip():
        raise BadInput(text("Enter a question."))
    if to_storable(question) != question:
        raise BadInput(text("The question contains characters that aren't valid text."))
    if len(question) > MAX_MESSAGE:
        raise BadInput(
            plural_text(
                "The question has {n:,} character; the limit is {most:,}.",
                "The question has {n:,} characters; the limit is {most:,}.",
                n=len(question),
                most=MAX_MESSAGE,
            )
        )


def get_readable_log(user_id: UUID, grounds: StartGrounds) -> ReadableLog | None:
    """Return the log of a start; None for one without a log. Raises NotFound, BadInput and Conflict."""
    if grounds.log is None:
        if grounds.is_named:
            raise NotFound(Workload.NOT_FOUND)
        return None
    if grounds.state == WorkloadState.FAILED:
        workload: Workload = Workload.objects.only("error").get_for(user_id, grounds.log)
        raise BadInput(text("This log could not be read: {why}", why=workload.error))
    if grounds.state in UNREADY_STATES:
        raise Conflict(text("This log is still being read. Try again when it is ready."))
    return ReadableLog(grounds.log, grounds.assumptions)
