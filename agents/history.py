"""Context of a question: the earlier questions of its conversation, and the user's other logs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models.fields.json import KeyTextTransform

from agents.answers.two_logs import OtherLog
from agents.models import ANALYST_AGENT, TRIAGE_AGENT, Step
from core.context import UserExecutionContext
from core.db import as_user
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
    with as_user(user_id):
        logs = Workload.objects.for_user(user_id).filter(state=WorkloadState.READY).exclude(id=workload_id)
        rows = list(logs.order_by("-created_at").values_list("id", "name")[:MAX_OTHER_LOGS])
    return tuple(OtherLog(id=log_id, name=name) for log_id, name in rows)
