"""Reads what an attempt at a run begins with: its log, recorded steps, earlier questions, and the user's other logs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.fields.json import KeyTextTransform

from agents.answers.two_logs import OtherLog
from agents.models import ANALYST_AGENT, TRIAGE_AGENT, Step
from agents.queries import load_recorded_steps
from agents.run_rows import StepRecord, UnfinishedRun
from core.context import UserExecutionContext
from core.db import as_user, to_uuid, to_uuid_param
from workloads.log_record import LogRecord
from workloads.models import Workload, WorkloadState

MAX_OTHER_LOGS = 50
MAX_EARLIER = 12
"""Earlier questions that a follow-up can refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierQuestion:
    """A question of the thread, its recorded turn (agents.language.reading), the text of its answer, if any, and the
    log that it was about."""

    question: str
    turn: Any
    answer: str = ""
    workload_id: UUID | None = None


def load_earlier_questions(context: UserExecutionContext) -> tuple[EarlierQuestion, ...]:
    """Return the last questions of the run's thread that were read, oldest first, without the run's own."""
    with as_user(context.user_id):
        steps = (
            Step.objects.for_user(context.user_id)
            .filter(run__thread_id=context.thread_id)
            .exclude(run_id=context.run_id)
            .order_by("-at")
        )
        columns = ("run_id", "run__message__text", "output__turn", "run__workload_id")
        read = list(steps.filter(agent=TRIAGE_AGENT).values_list(*columns)[:MAX_EARLIER])
        asked = [row[0] for row in read]
        answers = steps.filter(agent=ANALYST_AGENT, run_id__in=asked)
        text = KeyTextTransform("text", "output__answer")
        answered = {
            run_id: (turn, answer) for run_id, turn, answer in answers.values_list("run_id", "output__turn", text)
        }
    return tuple(
        EarlierQuestion(
            question=question,
            turn=answered.get(run_id, (None, ""))[0] or turn,
            answer=answered.get(run_id, (None, ""))[1] or "",
            workload_id=workload_id,
        )
        for run_id, question, turn, workload_id in reversed(read)
        if turn is not None
    )


def load_other_logs(user_id: UUID, workload_id: UUID | None) -> tuple[OtherLog, ...]:
    """Return the user's readable logs besides `workload_id`, newest first; none without a log to compare with."""
    if workload_id is None:
        return ()
    with as_user(user_id), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, name FROM {Workload._meta.db_table} WHERE owner_id = %s AND state = %s AND id <> %s "
            "ORDER BY created_at DESC LIMIT %s",
            [to_uuid_param(user_id), WorkloadState.READY.value, to_uuid_param(workload_id), MAX_OTHER_LOGS],
        )
        return tuple(OtherLog(id=to_uuid(log_id), name=name) for log_id, name in cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHistory:
    """What an attempt begins with. `log` is None for a run without a log, or whose log is gone."""

    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    earlier: tuple[EarlierQuestion, ...] = ()
    other_logs: tuple[OtherLog, ...] = ()
    log: LogRecord | None = None


def load_history(context: UserExecutionContext, run: UnfinishedRun, other_logs: tuple[OtherLog, ...]) -> RunHistory:
    """Return what an attempt at a run begins with, for a run that was locked, and beside `other_logs`. Nothing is read
    for the first run of a conversation."""
    return RunHistory(
        steps=load_recorded_steps(context),
        earlier=load_earlier_questions(context) if run.has_others else (),
        other_logs=other_logs,
        log=run.log,
    )
