"""The earlier questions of a conversation: of the same user's thread only."""

from typing import Any

import pytest

from agents.history import MAX_EARLIER, load_earlier_questions, load_other_logs
from agents.models import Message, Run, Step, Thread
from core.models import User
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.support.fakes import context
from workloads.models import Workload

pytestmark = pytest.mark.django_db


def create_run(user: User, thread: Thread, question: str, *, owner: User | None = None, **steps: dict[str, Any]) -> Run:
    """A run of a thread with its recorded steps, of another owner perhaps."""
    message = Message.objects.create(owner=user, thread=thread, text=question)
    caller = connection(user)
    run = Run.objects.create(
        owner=user, thread=thread, message=message, connection_id=caller.connection_id, assumptions={}
    )
    for agent, output in steps.items():
        Step.objects.create(owner=owner or user, run=run, agent=agent, attempt=1, output=output)
    return run


def test_the_threads_questions_are_returned_oldest_first(people: People) -> None:
    thread = Thread.objects.create(owner=people.owner)
    create_run(people.owner, thread, "first", triage={"turn": {"n": 1}})
    create_run(
        people.owner,
        thread,
        "second",
        triage={"turn": {"n": 2}},
        analyst={"turn": {"n": 3}, "answer": {"text": "42"}},
    )
    now = create_run(people.owner, thread, "now", triage={"turn": {"n": 9}})
    found = load_earlier_questions(context(people.owner.id, run_id=now.id, thread_id=thread.id))
    assert [(each.question, each.turn, each.answer) for each in found] == [
        ("first", {"n": 1}, ""),
        ("second", {"n": 3}, "42"),
    ]


def test_nothing_of_other_threads_or_users_is_returned(people: People) -> None:
    thread, other = (Thread.objects.create(owner=people.owner) for _ in range(2))
    theirs = Thread.objects.create(owner=people.neighbour)
    create_run(people.owner, other, "another thread", triage={"turn": {}})
    create_run(people.neighbour, theirs, "another user", triage={"turn": {}})
    create_run(people.owner, thread, "a step of another", owner=people.neighbour, triage={"turn": {}})
    for thread_id in (thread.id, theirs.id):
        assert load_earlier_questions(context(people.owner.id, thread_id=thread_id)) == ()


def test_only_the_last_questions_are_returned(people: People) -> None:
    thread = Thread.objects.create(owner=people.owner)
    for number in range(MAX_EARLIER + 3):
        create_run(people.owner, thread, str(number), triage={"turn": {}})
    found = load_earlier_questions(context(people.owner.id, thread_id=thread.id))
    assert [each.question for each in found] == [str(number) for number in range(3, MAX_EARLIER + 3)]


def test_a_run_of_an_earlier_version_has_no_turn(people: People) -> None:
    thread = Thread.objects.create(owner=people.owner)
    create_run(people.owner, thread, "old", triage={"category": "cost"})
    assert load_earlier_questions(context(people.owner.id, thread_id=thread.id)) == ()


def test_other_logs_are_the_users_own(people: People) -> None:
    selected, other, unread = (
        Workload.objects.create(owner=people.owner, name=name, state=state)
        for name, state in (("a.csv", "ready"), ("b.csv", "ready"), ("c.csv", "failed"))
    )
    Workload.objects.create(owner=people.neighbour, name="theirs.csv", state="ready")
    assert [each.id for each in load_other_logs(people.owner.id, selected.id)] == [other.id]
    assert unread.id not in {each.id for each in load_other_logs(people.owner.id, other.id)}
    assert load_other_logs(people.owner.id, None) == ()
