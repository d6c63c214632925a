"""Title a conversation by what was understood of its first question, unless its user has named it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from agents.models import ANALYST_AGENT, Run, Step, Thread
from agents.threads import MAX_TITLE, describe_thread
from core.db import as_user, retry_on_conflict
from core.stream import append
from core.stream.append import Publish

FIGURE_KINDS, SCOPE_KINDS = ("measure", "by"), ("compare", "filter", "period")


@retry_on_conflict
def title_conversation(user_id: UUID, run_id: UUID, *, publish: Publish) -> None:
    """Title the conversation that a run's question has begun by the figure that it was understood to ask for.

    A title that the user gave stays, and so does the question where the answer is not about one figure.
    """
    with as_user(user_id):
        run = Run.objects.for_user(user_id).filter(id=run_id, thread__titled_by=F("message_id")).first()
        step = None if run is None else Step.objects.for_user(user_id).filter(run=run, agent=ANALYST_AGENT).first()
        if run is None or step is None or not (title := build_title(step.output["answer"])):
            return
        with transaction.atomic():
            threads = Thread.objects.for_user(user_id).select_for_update()
            thread = threads.filter(id=run.thread_id, titled_by=run.message_id).exclude(title=title).first()
            if thread is None:
                return  # renamed or deleted meanwhile
            thread.title = title
            thread.save(update_fields=["title"])
            append.append_events(user_id, describe_thread(thread), publish=publish)


def build_title(answer: Mapping[str, Any]) -> str:
    """Return a title such as "Spend by team, 2026-10-01 to 2026-10-31" from an answer's JSON; "" without a figure."""
    chips = [(chip["kind"], chip["label"]) for chip in answer.get("understood") or ()]
    figure = " ".join(label for kind in FIGURE_KINDS for found, label in chips if found == kind)
    if answer.get("kind") != "answer" or not any(kind == FIGURE_KINDS[0] for kind, _ in chips):
        return ""
    scope = [label for kind in SCOPE_KINDS for found, label in chips if found == kind]
    return " ".join(", ".join((figure, *scope)).split())[:MAX_TITLE]
