"""Read a user's conversations, runs, events, reports and recorded steps. Every query is limited to one user."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery, Sum

from agents import threads
from agents.models import ANALYST_AGENT, REPORTING_AGENT, Message, Run, Step, Thread
from agents.run_rows import StepRecord
from core.api.pagination import cut_page, take_page
from core.context import UserExecutionContext
from core.db import as_user
from core.exceptions import NotFound
from core.i18n.text import text
from core.models import Event, OwnedQuerySet
from core.stream.batches import Position
from core.stream.retention import PAYLOAD_BYTES
from workloads.report.tables import unpack_tables

PAGE_MESSAGES = 20  # messages of a conversation in one page
PAGE_BYTES = 512 * 1024  # bytes of events in one page, beyond those of its last run


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadHistory:
    """A page of a thread: its messages (oldest first), its runs by message, and their events in order.

    `earlier` is the cursor of the page before; None if this is the first.
    """

    thread: Thread
    messages: list[Message]
    runs: Mapping[UUID, Run]
    events: list[Event]
    earlier: str | None


def list_runs(user_id: UUID) -> OwnedQuerySet[Run]:
    """Return the user's runs, newest first; `reported` and `answered` say whether a run has a report or an answer."""
    steps = Step.objects.for_user(user_id).filter(run=OuterRef("pk"))
    report, answer = Exists(steps.filter(agent=REPORTING_AGENT)), Exists(steps.filter(agent=ANALYST_AGENT))
    runs: OwnedQuerySet[Run] = Run.objects.for_user(user_id).annotate(reported=report, answered=answer)
    return runs.order_by("-created_at")


def get_run(user_id: UUID, run_id: UUID) -> Run:
    with as_user(user_id):
        return list_runs(user_id).get_for(user_id, run_id)


def list_threads(user_id: UUID, words: str = "") -> OwnedQuerySet[Thread]:
    """Return the user's conversations, most recently used first, each with the `state` of its latest run."""
    latest = Run.objects.for_user(user_id).filter(thread=OuterRef("pk")).order_by("-created_at").values("state")
    return threads.search_threads(user_id, words).annotate(state=Subquery(latest[:1]))


def list_pinned_threads(user_id: UUID) -> OwnedQuerySet[Thread]:
    """Return the user's pinned conversations as `list_threads` does: at most threads.MAX_PINNED."""
    return list_threads(user_id).filter(pinned=True)


def list_events(user_id: UUID, run_ids: list[UUID], until: Position | None = None) -> list[Event]:
    """Return the events of these runs in order, up to and including the position `until`."""
    events = Event.objects.for_user(user_id).filter(run_id__in=run_ids)
    if until is not None:
        events = events.filter(epoch=until.epoch, seq__lte=until.seq)
    with as_user(user_id):
        return list(events.order_by("seq"))


def get_thread_history(
    user_id: UUID, thread_id: UUID, until: Position | None = None, *, before: str = "", limit: int = PAGE_MESSAGES
) -> ThreadHistory:
    """Return the last messages of a thread, or those before a cursor: fewer than `limit` for runs with many events.

    Raises NotFound for a thread that is not the user's and BadInput for an invalid cursor.
    """
    with as_user(user_id):
        thread = list_threads(user_id).get_for(user_id, thread_id)
        messages = Message.objects.for_user(user_id).filter(thread=thread)
        whole = take_page(messages, "created_at", before=before, limit=limit)
        run_of_message = dict(
            Run.objects.for_user(user_id).filter(message__in=whole.rows).values_list("message_id", "id")
        )
        fitting = _count_fitting_runs(user_id, [run_of_message.get(message.id) for message in whole.rows])
        page = whole if fitting == len(whole.rows) else cut_page(whole.rows, "created_at", fitting)
        runs = list(list_runs(user_id).filter(message__in=page.rows))
        events = list_events(user_id, [run.id for run in runs], until)
    return ThreadHistory(
        thread=thread,
        messages=page.rows[::-1],
        runs={run.message_id: run for run in runs},
        events=events,
        earlier=page.next,
    )


def _count_fitting_runs(user_id: UUID, run_ids: list[UUID | None]) -> int:
    """Return how many of these runs, at least one, have events that fit into a page together."""
    events = Event.objects.for_user(user_id).filter(run_id__in=[each for each in run_ids if each is not None])
    sizes = dict(events.order_by().values_list("run_id").annotate(size=Sum(PAYLOAD_BYTES)))
    total = 0
    for count, run_id in enumerate(run_ids):
        total += sizes.get(run_id, 0)
        if count and total > PAGE_BYTES:
            return count
    return len(run_ids)


def get_report(user_id: UUID, run_id: UUID) -> dict[str, Any]:
    """Return the JSON of a run's report. Raises NotFound if the run is not the user's or has no report."""
    with as_user(user_id):
        step: Step | None = Step.objects.for_user(user_id).filter(run_id=run_id, agent=REPORTING_AGENT).first()
    if step is None:
        raise NotFound(Step.NOT_FOUND)
    report: dict[str, Any] = step.output["report"]
    return report


def get_answer(user_id: UUID, run_id: UUID) -> dict[str, Any]:
    """Return the JSON of a run's answer (docs/answers.md). Raises NotFound if the run is not the user's or has none."""
    with as_user(user_id):
        step: Step | None = Step.objects.for_user(user_id).filter(run_id=run_id, agent=ANALYST_AGENT).first()
    if step is None:
        raise NotFound(text("Answer not found."))
    answer: dict[str, Any] = step.output["answer"]
    return answer


def get_report_tables(user_id: UUID, run_id: UUID) -> Mapping[str, str]:
    """Return a report's tables as CSV, by name; none for a report of an earlier version. Raises as `get_report`."""
    with as_user(user_id):
        step: Step | None = Step.objects.for_user(user_id).filter(run_id=run_id, agent=REPORTING_AGENT).first()
    if step is None:
        raise NotFound(Step.NOT_FOUND)
    return unpack_tables(step.output.get("tables", ""))


def load_recorded_steps(context: UserExecutionContext) -> Mapping[str, StepRecord]:
    """Return the run's recorded steps by agent; none at the first attempt."""
    if context.attempt == 1:
        return {}
    with as_user(context.user_id):
        rows = list(Step.objects.for_user(context.user_id).filter(run_id=context.run_id))
    return {row.agent: StepRecord(agent=row.agent, output=row.output, messages=row.messages) for row in rows}
