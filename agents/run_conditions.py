"""Conditions for starting a run: the question is valid, its user may ask another one, and the log is ready."""

from uuid import UUID

from django.db import connection

from agents.models import Run, RunState
from core.context import ConnectionContext
from core.db import to_uuid_param
from core.exceptions import BadInput, Conflict, NotAllowed, NotFound, TooManyRuns
from core.i18n.text import plural_text, text
from core.json_data import to_storable
from core.users import lock_fingerprint
from workloads.models import UNREADY_STATES, Workload, WorkloadState

MAX_MESSAGE = 20_000  # characters of a question
MAX_QUEUED_RUNS = 50  # queued runs of one user

NEEDED_COLUMNS = ("id", "owner_id", "state", "error", "assumptions")
"""Of a log, without what was found in it, which takes longer to parse than to read."""


def authorize_start(caller: ConnectionContext) -> str:
    """Return the fingerprint of the caller's credentials, which must stay the same for as long as the run lasts.

    Raises NotAllowed if the caller is deactivated and TooManyRuns if too many runs are queued. Runs are counted while
    the user's row is locked, so that the limit holds across all processes.
    """
    fingerprint = lock_fingerprint(caller.user_id)
    if fingerprint is None:
        raise NotAllowed(text("Your account has been deactivated."))
    waiting = _count_queued(caller.user_id)
    if waiting >= MAX_QUEUED_RUNS:
        raise TooManyRuns(
            plural_text(
                "You already have {n} question waiting. Wait for its answer, then ask again.",
                "You already have {n} questions waiting. Wait for some answers, then ask again.",
                n=waiting,
            )
        )
    return fingerprint


def _count_queued(user_id: UUID) -> int:
    """Count a user's queued runs. Plain SQL, as it is executed for each question."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {Run._meta.db_table} WHERE owner_id = %s AND state = %s",
            [to_uuid_param(user_id), RunState.QUEUED.value],
        )
        return int(cursor.fetchone()[0])


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


def get_readable_workload(user_id: UUID, workload_id: UUID | None) -> Workload | None:
    if workload_id is None:
        return None
    found = Workload.objects.raw(  # plain SQL, as it is executed for each question
        f"SELECT {', '.join(NEEDED_COLUMNS)} FROM {Workload._meta.db_table} WHERE id = %s AND owner_id = %s",
        [to_uuid_param(workload_id), to_uuid_param(user_id)],
    )
    workload = next(iter(found), None)
    if workload is None:
        raise NotFound(Workload.NOT_FOUND)
    if workload.state == WorkloadState.FAILED:
        raise BadInput(text("This log could not be read: {why}", why=workload.error))
    if workload.state in UNREADY_STATES:
        raise Conflict(text("This log is still being read. Try again when it is ready."))
    return workload
