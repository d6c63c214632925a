"""The rows of runs and their steps, by plain SQL: each run passes here, and the ORM takes longer to compose a statement
than the database to execute it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model

from agents.models import Message, Run, RunState, Step, Thread
from core.db import insert_rows, to_datetime, to_params, to_uuid, to_uuid_param
from core.events import AgentCompleted, AgentError, Event
from core.jobs.job import Job
from core.models import User
from core.stream.append import to_event_json
from workloads.log_record import SELECTED_OF_LOG, LogRecord, build_log_record
from workloads.models import Workload

UNFINISHED_STATES = (RunState.QUEUED, RunState.RUNNING)
RUN_COLUMNS = tuple(field.attname for field in Run._meta.concrete_fields)
ID_COLUMNS = ("id", "owner_id", "thread_id", "workload_id", "request_id", "connection_id")
TIME_COLUMNS = ("cancel_requested_at", "created_at", "started_at")
LOCKED_COLUMNS = (
    *ID_COLUMNS,
    *("authority", "locale", "assumptions", "time_zone", "attempt", "cancelled_by_operator"),
    *TIME_COLUMNS,
)


class UnfinishedRun(NamedTuple):
    """A locked run with its question, its log, and the password (a hash) of its user, None if they are inactive.

    `has_others`: its conversation has other runs."""

    id: UUID
    owner_id: UUID
    thread_id: UUID
    workload_id: UUID | None
    request_id: UUID
    connection_id: UUID
    authority: str
    locale: str
    assumptions: Any
    time_zone: str
    attempt: int
    cancelled_by_operator: bool
    cancel_requested_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    question: str
    password: str | None
    has_others: bool
    log: LogRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """An agent's output and its model's history (`messages`), both as JSON data. `output_json` is the output's text, if
    there is one already."""

    agent: str
    output: Any
    messages: Any
    output_json: str | None = None


def store_question(run: Run, *, question: str, client_id: UUID | None, new_title: str | None) -> None:
    """Store a new run with its message, and with its conversation if that is new and so has a `new_title`."""
    owner_id, at = run.owner_id, run.created_at
    rows: dict[type[Model], dict[str, Any]] = {}
    if new_title is not None:
        rows[Thread] = {"owner_id": owner_id, "id": run.thread_id, "title": new_title, "titled_by": run.message_id}
        rows[Thread] |= {"pinned": False, "created_at": at, "updated_at": at}
    rows[Message] = {"owner_id": owner_id, "id": run.message_id, "thread_id": run.thread_id, "client_id": client_id}
    rows[Message] |= {"text": question, "created_at": at}
    rows[Run] = {name: getattr(run, name) for name in RUN_COLUMNS}
    insert_rows(rows)
    run._state.adding, run._state.db = False, connection.alias


def lock_unfinished(job: Job) -> UnfinishedRun | None:
    """Lock the run of a job and return it, with all that its beginning depends on; None if it is gone or has ended."""
    owner = job.owner
    if owner is None:
        return None
    run, message, user, log = (each._meta.db_table for each in (Run, Message, User, Workload))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'r.{name}' for name in LOCKED_COLUMNS)}, m.text, "
            "CASE WHEN u.is_active THEN u.password END, "
            f"EXISTS (SELECT 1 FROM {run} o WHERE o.thread_id = r.thread_id AND o.id <> r.id), {SELECTED_OF_LOG} "
            f"FROM {run} r JOIN {message} m ON m.id = r.message_id JOIN {user} u ON u.id = r.owner_id "
            f"LEFT JOIN {log} w ON w.id = r.workload_id AND w.owner_id = r.owner_id "
            "WHERE r.id = %s AND r.owner_id = %s AND r.state IN (%s, %s)"
            + (" FOR UPDATE OF r" if connection.vendor == "postgresql" else ""),
            [to_uuid_param(UUID(job.key)), to_uuid_param(owner), *(state.value for state in UNFINISHED_STATES)],
        )
        found = cursor.fetchone()
    return None if found is None else _build_unfinished(found)


def _build_unfinished(found: Sequence[Any]) -> UnfinishedRun:
    values: dict[str, Any] = dict(zip(LOCKED_COLUMNS, found, strict=False))
    values |= {name: None if values[name] is None else to_uuid(values[name]) for name in ID_COLUMNS}
    values |= {name: to_datetime(values[name]) for name in TIME_COLUMNS}
    values["assumptions"] = json.loads(values["assumptions"])
    question, password, has_others, *log = found[len(LOCKED_COLUMNS) :]
    kept = None if log[0] is None else build_log_record(log)
    return UnfinishedRun(**values, question=question, password=password, has_others=bool(has_others), log=kept)


def store_beginning(run: UnfinishedRun, attempt: int, at: datetime) -> None:
    """Store that an attempt at a run has begun."""
    table, running, run_id = Run._meta.db_table, RunState.RUNNING.value, to_uuid_param(run.id)
    with connection.cursor() as cursor:
        if run.has_others:
            # If the conversation has another running run, that one's job is gone: of one conversation no two jobs run
            # at once. It gets a new job (list_unfinished).
            cursor.execute(
                f"UPDATE {table} SET state = %s WHERE thread_id = %s AND state = %s AND id <> %s",
                [RunState.QUEUED.value, to_uuid_param(run.thread_id), running, run_id],
            )
        cursor.execute(
            f"UPDATE {table} SET state = %s, attempt = %s, started_at = %s WHERE id = %s",
            [running, attempt, *to_params((at, run.id))],
        )


def store_end(run_id: UUID, event: Event) -> None:
    """Store the end of a run, which is its terminal event."""
    columns = _to_closing_columns(event)
    sets = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Run._meta.db_table} SET {sets} WHERE id = %s", [*columns.values(), to_uuid_param(run_id)]
        )


def insert_step(user_id: UUID, run_id: UUID, attempt: int, step: StepRecord) -> None:
    messages = None if step.messages is None else json.dumps(step.messages)
    at = connection.ops.adapt_datetimefield_value(datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Step._meta.db_table} (owner_id, run_id, agent, attempt, output, messages, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                *(to_uuid_param(user_id), to_uuid_param(run_id), step.agent, attempt),
                *(step.output_json or json.dumps(step.output), messages, at),
            ],
        )


def _to_closing_columns(event: Event) -> dict[str, Any]:
    ended_at = connection.ops.adapt_datetimefield_value(event.at)
    ended: dict[str, Any] = {"ended_at": ended_at, "ending": to_event_json(event)}
    if isinstance(event, AgentCompleted):
        return ended | {"state": RunState.COMPLETED.value, "degraded": event.outcome == "degraded"}
    if isinstance(event, AgentError):
        state = RunState.CANCELLED if event.code == "cancelled" else RunState.FAILED
        return ended | {"state": state.value, "error": event.code}
    raise TypeError(f"{event.type} does not end a run")
