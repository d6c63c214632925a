from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from agents import run_conditions, runs
from agents.models import Message, Run, RunState, Thread
from core.exceptions import BadInput, Conflict, NotFound, TooManyRuns
from core.models import Event
from core.stream import append, read
from core.stream.append import publish_to_nobody
from core.stream.batches import Batch, Position
from tests.agents.claimed_runs import claim_queued_run, connection, queue_run
from tests.conftest import People
from workloads import logs
from workloads.models import Workload
from workloads.pricing.own_prices import OwnPrice

pytestmark = pytest.mark.django_db


def list_event_types(user: Any) -> list[str]:
    news = read.read_after(user.id, Position(epoch=read.get_head_position(user.id).epoch, seq=0))
    assert isinstance(news, Batch)
    return [event.type for event in news.events]


def test_starting_writes_message_run_and_first_event(people: People) -> None:
    run = queue_run(people.owner, "cut my spend\nby 30 %")
    assert run.state == RunState.QUEUED
    assert (run.message.text, run.thread.title) == ("cut my spend\nby 30 %", "cut my spend")
    assert list_event_types(people.owner) == ["run_queued"]
    assert list_event_types(people.neighbour) == []


def test_starting_is_all_or_nothing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(append, "append_events", fails)
    with pytest.raises(RuntimeError):
        queue_run(people.owner)
    assert not (Run.objects.exists() or Message.objects.exists() or Thread.objects.exists())


@pytest.mark.parametrize("text", ["", "  \n", "x" * 20_001, "half \ud800", "nul \x00"])
def test_an_empty_question_is_refused(people: People, text: str) -> None:
    with pytest.raises(BadInput):
        queue_run(people.owner, text)
    assert not Run.objects.exists()


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_conversation_or_log_is_refused(people: People, who: str) -> None:
    other = getattr(people, who)
    thread = queue_run(people.owner).thread
    with pytest.raises(NotFound):
        queue_run(other, thread_id=thread.id)
    log = Workload.objects.create(owner=people.owner, name="log.csv", source={}, state="ready")
    with pytest.raises(NotFound):
        runs.start_run(connection(other), question="?", workload_id=log.id, publish=publish_to_nobody)
    assert not Run.objects.for_user(other.id).exists()


def test_a_queued_run_is_cancelled_at_once(people: People) -> None:
    run = queue_run(people.owner)
    runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.CANCELLED, "cancelled")
    assert list_event_types(people.owner) == ["run_queued", "agent_error"]


def test_a_running_run_is_asked_to_stop_once(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    for _ in range(2):
        runs.cancel_run(connection(people.owner), run_id, publish=publish_to_nobody)
    assert Run.objects.get().state == RunState.RUNNING
    assert list_event_types(people.owner) == ["run_queued", "run_cancel_requested"]


def test_an_ended_run_cannot_be_cancelled(people: People) -> None:
    run = queue_run(people.owner)
    runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    with pytest.raises(Conflict, match="cancelled"):
        runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    assert list_event_types(people.owner) == ["run_queued", "agent_error"]


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_run_cannot_be_cancelled(people: People, who: str) -> None:
    run = queue_run(people.owner)
    for run_id in (run.id, uuid4()):
        with pytest.raises(NotFound):
            runs.cancel_run(connection(getattr(people, who)), run_id, publish=publish_to_nobody)
    assert Run.objects.get().state == RunState.QUEUED
    assert not Event.objects.for_user(getattr(people, who).id).exists()


def test_a_message_sent_twice_starts_one_run(people: People) -> None:
    mark = uuid4()
    first = queue_run(people.owner, client_id=mark)
    assert queue_run(people.owner, client_id=mark).id == first.id
    assert Message.objects.count() == Run.objects.count() == 1
    assert list_event_types(people.owner) == ["run_queued"]


def test_another_text_with_the_same_client_id_is_a_conflict(people: People) -> None:
    mark = uuid4()
    queue_run(people.owner, "one", client_id=mark)
    with pytest.raises(Conflict):
        queue_run(people.owner, "two", client_id=mark)


def test_two_users_may_use_the_same_client_id(people: People) -> None:
    mark = uuid4()
    mine, theirs = queue_run(people.owner, client_id=mark), queue_run(people.neighbour, client_id=mark)
    assert mine.id != theirs.id
    assert (mine.owner_id, theirs.owner_id) == (people.owner.id, people.neighbour.id)


def test_a_message_is_looked_up_once(people: People) -> None:
    mark = uuid4()
    for created in (True, False):
        with CaptureQueriesContext(database) as captured:
            run, was_created = runs.start_run(
                connection(people.owner), question="?", workload_id=None, client_id=mark, publish=publish_to_nobody
            )
        looks = [query for query in captured if query["sql"].startswith("SELECT") and "client_id" in query["sql"]]
        assert (was_created, len(looks)) == (created, 1)
    assert Run.objects.get() == run


def test_two_simultaneous_equal_messages_start_one_run(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = uuid4()
    first = queue_run(people.owner, "?", client_id=mark)
    found = [None, first]
    monkeypatch.setattr(runs, "_find_started_run", lambda *_: found.pop(0))  # at first, the other is not stored yet
    again = runs.start_run(
        connection(people.owner), question="?", workload_id=None, client_id=mark, publish=publish_to_nobody
    )
    assert (again, Run.objects.get()) == ((first, False), first)


def test_a_later_question_uses_the_last_log(people: People) -> None:
    log = Workload.objects.create(owner=people.owner, name="log.csv", source={}, state="ready")
    first, _ = runs.start_run(connection(people.owner), question="?", workload_id=log.id, publish=publish_to_nobody)
    assert queue_run(people.owner, thread_id=first.thread_id).workload_id == log.id
    assert queue_run(people.owner).workload_id is None


@pytest.mark.parametrize(("state", "error"), [("queued", Conflict), ("reading", Conflict), ("failed", BadInput)])
def test_a_log_that_is_not_ready_is_refused(people: People, state: str, error: type[Exception]) -> None:
    log = Workload.objects.create(owner=people.owner, name="log.csv", state=state, error="it is damaged")
    with pytest.raises(error):
        runs.start_run(connection(people.owner), question="?", workload_id=log.id, publish=publish_to_nobody)
    assert not Run.objects.exists()


def test_the_number_of_queued_runs_is_limited(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_conditions, "MAX_QUEUED_RUNS", 1)
    mark = uuid4()
    first, _ = runs.start_run(
        connection(people.owner), question="one", workload_id=None, client_id=mark, publish=publish_to_nobody
    )
    with pytest.raises(TooManyRuns):
        runs.start_run(connection(people.owner), question="two", workload_id=None, publish=publish_to_nobody)
    assert queue_run(people.owner, "one", client_id=mark).id == first.id
    assert queue_run(people.neighbour, "mine").owner_id == people.neighbour.id


def test_a_run_assumes_what_is_kept_with_its_log_as_its_question_changes_it(people: People) -> None:
    log = Workload.objects.create(owner=people.owner, name="log", state="ready")
    own = {"model_prices": (OwnPrice(model="mine", output=Decimal(3)),), "discount_percent": Decimal(10)}
    logs.change_assumptions(people.owner.id, log.id, own)
    plain, changed = (
        runs.start_run(
            connection(people.owner), question="?", workload_id=log.id, assumptions=change, publish=publish_to_nobody
        )[0]
        for change in ({}, {"discount_percent": Decimal(0), "assume_model": "gpt-4o"})
    )
    assert (plain.assumptions["discount_percent"], plain.assumptions["assume_model"]) == ("10", None)
    assert (changed.assumptions["discount_percent"], changed.assumptions["assume_model"]) == ("0", "gpt-4o")
    for run in (plain, changed):
        assert run.assumptions["model_prices"][0]["output"] == "3"


def test_a_message_that_answers_a_question_is_kept_with_the_log_and_can_be_taken_back(people: People) -> None:
    log = Workload.objects.create(owner=people.owner, name="log", state="ready")

    def ask(question: str) -> list[tuple[str, str, bool]]:
        run, _ = runs.start_run(
            connection(people.owner), question=question, workload_id=log.id, publish=publish_to_nobody
        )
        log.refresh_from_db()
        assert run.assumptions["answers"] == log.assumptions["answers"]
        return [(each["lever"], each["scope"], each["value"]) for each in log.assumptions["answers"]]

    assert ask("nightly-summaries can wait") == [("batch", "nightly-summaries", True)]
    assert ask("What can wait?") == [("batch", "nightly-summaries", True)]
    assert ask("nightly-summaries can't wait") == [("batch", "nightly-summaries", False)]
    assert ask('forget what I said about "nightly-summaries"') == []


def test_a_message_about_another_users_log_answers_nothing(people: People) -> None:
    log = Workload.objects.create(owner=people.owner, name="log", state="ready")
    with pytest.raises(NotFound):
        runs.start_run(
            connection(people.neighbour), question="a can wait", workload_id=log.id, publish=publish_to_nobody
        )
    log.refresh_from_db()
    assert log.assumptions == {}
