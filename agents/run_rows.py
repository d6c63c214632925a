"""The rows of runs and their steps, by plain SQL: each run passes here, and the ORM takes longer to compose a statement
than the database to execute it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from agents.models import Message, Run, RunState, Step
from core.db import to_uuid_param
from core.events import AgentCompleted, AgentError, Event
from core.jobs.job import Job
from core.stream.append import to_event_json

UNFINISHED_STATES = (RunState.QUEUED, RunState.RUNNING)
LOCKED_COLUMNS = (
    *("id", "owner_id", "thread_id", "message_id", "workload_id", "request_id", "connection_id", "authority"),
    *("locale", "assumptions", "time_zone", "attempt", "cancel_requested_at", "cancelled_by_operator", "created_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """An agent's output and its model's history (`messages`), both as JSON data. `output_json` is the output's text, if
    there is one already."""

    agent: str
    output: Any
    messages: Any
    output_json: str | None = None


def lock_unfinished(job: Job) -> Run | None:
    """Lock the run of a job and return it with the text of its message; None if it is gone or has ended."""
    owner = job.owner
    if owner is None:
        return None
    columns = ", ".join(f"r.{name}" for name in LOCKED_COLUMNS)
    found = Run.objects.raw(
        f"SELECT {columns}, m.text AS question FROM {Run._meta.db_table} r JOIN {Message._meta.db_table} m "
        "ON m.id = r.message_id WHERE r.id = %s AND r.owner_id = %s AND r.state IN (%s, %s)"
        + (" FOR UPDATE OF r" if connection.vendor == "postgresql" else ""),
        [to_uuid_param(UUID(job.key)), to_uuid_param(owner), *(state.value for state in UNFINISHED_STATES)],
    )
    run = next(iter(found), None)
    if run is not None:
        run.message = Message(id=run.message_id, owner_id=owner, text=vars(run).pop("question"))
    return run


def store_beginning(run: Run) -> None:
    """Store that an attempt at a run has begun."""
    table, running, run_id = Run._meta.db_table, RunState.RUNNING.value, to_uuid_param(run.id)
    with connection.cursor() as cursor:
        # If the conversation has another running run, that one's job is gone: of one conversation no two jobs run at
        # once. It gets a new job (list_unfinished).
        cursor.execute(
            f"UPDATE {table} SET state = %s WHERE thread_id = %s AND state = %s AND id <> %s",
            [RunState.QUEUED.value, to_uuid_param(run.thread_id), running, run_id],
        )
        started_at = connection.ops.adapt_datetimefield_value(run.started_at)
        cursor.execute(
            f"UPDATE {table} SET state = %s, attempt = %s, started_at = %s WHERE id = %s",
            [running, run.attempt, started_at, run_id],
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
