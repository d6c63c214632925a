"""A conversation is titled by what was understood of its first question; what its user named stays."""

from pathlib import Path
from typing import Any

import pytest

from agents import runs, threads, user_data
from agents.models import ANALYST_AGENT, Run, Thread
from agents.run_rows import StepRecord
from agents.run_writer import RunItem
from agents.threads import build_title
from core.models import Event
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection, queue_run, write
from tests.conftest import People
from workloads.models import Workload

pytestmark = pytest.mark.django_db

CHIPS = [("period", "2026-10-01 to 2026-10-31"), ("filter", "Model: gpt-4o"), ("measure", "Spend"), ("by", "by team")]
UNDERSTOOD = [{"kind": kind, "label": label, "options": []} for kind, label in CHIPS]
TITLE = "Spend by team, Model: gpt-4o, 2026-10-01 to 2026-10-31"


def answer(run: Run, **changes: Any) -> None:
    Run.objects.filter(id=run.id).update(state="running", attempt=1)
    output = {"answer": {"kind": "answer", "understood": UNDERSTOOD, **changes}}
    step = StepRecord(agent=ANALYST_AGENT, output=output, messages=None)
    write(RunItem(user_id=run.owner_id, run_id=run.id, attempt=1, events=(), step=step))
    Run.objects.filter(id=run.id).update(state="completed")


def test_the_title_says_what_was_understood(people: People) -> None:
    run = queue_run(people.owner)
    answer(run)
    assert Thread.objects.get().title == TITLE
    assert Event.objects.get(type="thread_changed").payload["title"] == TITLE


@pytest.mark.parametrize("changes", [{"kind": "clarify"}, {"understood": UNDERSTOOD[:1]}, {"understood": []}])
def test_a_question_stays_the_title_where_no_figure_was_understood(changes: dict[str, Any], people: People) -> None:
    run = queue_run(people.owner)
    before = Thread.objects.get().title
    answer(run, **changes)
    assert Thread.objects.get().title == before
    assert build_title({"kind": "answer", "understood": UNDERSTOOD, **changes}) == ""


def test_a_name_that_the_user_gave_is_never_replaced(people: People) -> None:
    run = queue_run(people.owner)
    threads.rename_thread(people.owner.id, run.thread_id, "Mine", publish=publish_to_nobody)
    answer(run)
    assert Thread.objects.get().title == "Mine"


def test_only_the_first_question_titles_a_conversation(people: People) -> None:
    first = queue_run(people.owner)
    before = Thread.objects.get().title
    second, _ = runs.start_run(
        connection(people.owner),
        question="and per day?",
        workload_id=None,
        thread_id=first.thread_id,
        publish=publish_to_nobody,
    )
    answer(second)
    assert Thread.objects.get().title == before


def test_a_title_goes_with_the_question_that_it_is_from(people: People, tmp_path: Path) -> None:
    log, other = (Workload.objects.create(owner=people.owner, name=name, state="ready") for name in ("a", "b"))

    def ask(question: str, workload: Workload, **options: Any) -> Run:
        return runs.start_run(
            connection(people.owner), question=question, workload_id=workload.id, publish=publish_to_nobody, **options
        )[0]

    first = ask("a secret", log)
    ask("and then?", other, thread_id=first.thread_id)
    answer(first)
    user_data.delete_workload(people.owner.id, log.id, tmp_path, publish=publish_to_nobody)
    assert Thread.objects.get().title == "and then?"
    told = str(list(Event.objects.values_list("payload", flat=True)))
    assert TITLE not in told and "a secret" not in told


def test_conversations_with_the_same_question_have_titles_of_their_own(people: People) -> None:
    first, second, third = (queue_run(people.owner) for _ in range(3))
    for run in (first, second, third):
        answer(run)
    titles = {thread.id: thread.title for thread in Thread.objects.for_user(people.owner.id)}
    assert [titles[run.thread_id] for run in (first, second, third)] == [TITLE, f"{TITLE} (2)", f"{TITLE} (3)"]
    other = queue_run(people.stranger)
    answer(other)
    assert Thread.objects.get(id=other.thread_id).title == TITLE
