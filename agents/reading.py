"""What a user is shown of their conversations and runs. Every query begins with whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from agents import threads
from agents.models import REPORTING, Message, Run, Step, Thread
from netra.core.exceptions import NotFound
from netra.core.models import Event, OwnedQuerySet
from netra.core.scope import as_user
from netra.core.stream import Position
from netra.language.text import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A thread with its messages (oldest first), the runs by message and the events by run, in order."""

    thread: Thread
    messages: list[Message]
    runs: Mapping[UUID, Run]
    events: list[Event]


def runs_of(user_id: UUID) -> OwnedQuerySet[Run]:
    """The user's runs, newest first, each with `reported`."""
    report = Step.objects.for_user(user_id).filter(run=OuterRef("pk"), agent=REPORTING)
    runs: OwnedQuerySet[Run] = Run.objects.for_user(user_id).annotate(reported=Exists(report))
    return runs.order_by("-created_at")


def run_of(user_id: UUID, run_id: UUID) -> Run:
    run: Run | None = runs_of(user_id).filter(id=run_id).first()
    if run is None:
        raise NotFound(text("There is no such run among yours."))
    return run


def threads_of(user_id: UUID, words: str = "") -> OwnedQuerySet[Thread]:
    """The user's conversations, the last asked in first, each with the `state` of its latest run."""
    latest = Run.objects.for_user(user_id).filter(thread=OuterRef("pk")).order_by("-created_at").values("state")
    return threads.found(user_id, words).annotate(state=Subquery(latest[:1]))


def events_of(user_id: UUID, run_ids: list[UUID], upto: Position | None = None) -> list[Event]:
    """All that these runs have told, in order; with `upto`, as far as that position."""
    told = Event.objects.for_user(user_id).filter(run_id__in=run_ids)
    if upto is not None:
        told = told.filter(epoch=upto.epoch, seq__lte=upto.seq)
    return list(told.order_by("seq"))


def conversation(user_id: UUID, thread_id: UUID, upto: Position | None = None) -> Conversation:
    """Raises NotFound for a thread that is not the user's."""
    with as_user(user_id):
        thread: Thread | None = threads_of(user_id).filter(id=thread_id).first()
        if thread is None:
            raise NotFound(text("There is no such conversation among yours."))
        messages = list(Message.objects.for_user(user_id).filter(thread=thread).order_by("created_at"))
        runs = list(runs_of(user_id).filter(thread=thread))
        events = events_of(user_id, [run.id for run in runs], upto)
    return Conversation(thread=thread, messages=messages, runs={run.message_id: run for run in runs}, events=events)


def report_of(user_id: UUID, run_id: UUID) -> dict[str, Any]:
    """The JSON of a run's report. Raises NotFound where the run is not the user's or has none."""
    with as_user(user_id):
        step: Step | None = Step.objects.for_user(user_id).filter(run_id=run_id, agent=REPORTING).first()
    if step is None:
        raise NotFound(text("There is no report of such a run among yours."))
    report: dict[str, Any] = step.output["report"]
    return report
