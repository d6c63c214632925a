"""What a user is shown of their conversations and runs. Every query begins with whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery, Sum

from agents import threads
from agents.models import REPORTING, Message, Run, Step, Thread
from netra.core.exceptions import NotFound
from netra.core.floor import PAYLOAD_BYTES
from netra.core.models import Event, OwnedQuerySet
from netra.core.pages import cut_page, take_page
from netra.core.scope import as_user
from netra.core.stream import Position
from netra.language.text import text

MESSAGES = 20  # of a conversation in one page
PAGE_BYTES = 512 * 1024  # of events in one page, beyond those of its last run


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A page of a thread: messages (oldest first), the runs by message and the events by run, in order. `earlier` is
    where the page before begins; None where this is the first."""

    thread: Thread
    messages: list[Message]
    runs: Mapping[UUID, Run]
    events: list[Event]
    earlier: str | None


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


def conversation(
    user_id: UUID, thread_id: UUID, upto: Position | None = None, *, before: str = "", limit: int = MESSAGES
) -> Conversation:
    """The last messages of a thread, or those before a cursor: fewer than `limit` where their runs have told much.

    Raises NotFound for a thread that is not the user's, BadInput for no cursor.
    """
    with as_user(user_id):
        thread: Thread | None = threads_of(user_id).filter(id=thread_id).first()
        if thread is None:
            raise NotFound(text("There is no such conversation among yours."))
        said = Message.objects.for_user(user_id).filter(thread=thread)
        whole = take_page(said, "created_at", before=before, limit=limit)
        run_of_message = dict(
            Run.objects.for_user(user_id).filter(message__in=whole.rows).values_list("message_id", "id")
        )
        fitting = _fitting(user_id, [run_of_message.get(message.id) for message in whole.rows])
        page = whole if fitting == len(whole.rows) else cut_page(whole.rows, "created_at", fitting)
        runs = list(runs_of(user_id).filter(message__in=page.rows))
        events = events_of(user_id, [run.id for run in runs], upto)
    return Conversation(
        thread=thread,
        messages=page.rows[::-1],
        runs={run.message_id: run for run in runs},
        events=events,
        earlier=page.next,
    )


def _fitting(user_id: UUID, run_ids: list[UUID | None]) -> int:
    """Of how many of these runs, one at least, all that they have told fits into a page."""
    told = Event.objects.for_user(user_id).filter(run_id__in=[each for each in run_ids if each is not None])
    sizes = dict(told.order_by().values_list("run_id").annotate(size=Sum(PAYLOAD_BYTES)))
    total = 0
    for count, run_id in enumerate(run_ids):
        total += sizes.get(run_id, 0)
        if count and total > PAGE_BYTES:
            return count
    return len(run_ids)


def report_of(user_id: UUID, run_id: UUID) -> dict[str, Any]:
    """The JSON of a run's report. Raises NotFound where the run is not the user's or has none."""
    with as_user(user_id):
        step: Step | None = Step.objects.for_user(user_id).filter(run_id=run_id, agent=REPORTING).first()
    if step is None:
        raise NotFound(text("There is no report of such a run among yours."))
    report: dict[str, Any] = step.output["report"]
    return report
