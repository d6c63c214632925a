"""Long conversations and lists: an answer, its queries and its rows do not grow with them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents import queries
from agents.models import REPORTING_AGENT, Message, Run, RunState, Step, Thread
from core.events import AgentThinking
from core.models import Event, User
from core.stream.read import get_head_position
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest
from workloads.models import Workload

pytestmark = pytest.mark.django_db

TOLD = "x" * 2_500  # in each of a run's events
EVENTS = 25  # of a run: some 62 kB
MOST_BYTES = 1_500_000


def conversation(user: User, runs: int, *, reports: bool = True) -> Thread:
    """One of so many questions, each answered, with a report."""
    thread, now = Thread.objects.create(owner=user, title="long"), get_head_position(user.id)
    said = [Message(owner=user, thread=thread, text=f"question {number}") for number in range(runs)]
    Message.objects.bulk_create(said)
    made = [
        Run(
            owner=user,
            thread=thread,
            message=message,
            connection_id=uuid4(),
            assumptions={},
            state=RunState.COMPLETED,
            ending={"answer": TOLD},
        )
        for message in said
    ]
    Run.objects.bulk_create(made)
    report = {"ask": "a", "spend": {"total": 2.5}, "combination": None, "more": TOLD}
    if reports:
        Step.objects.bulk_create(
            [Step(owner=user, run=run, agent=REPORTING_AGENT, attempt=1, output={"report": report}) for run in made]
        )
    Event.objects.bulk_create(
        Event(
            owner=user,
            epoch=now.epoch,
            seq=-1 - place * EVENTS - number,  # below the head, where a snapshot sees them
            run_id=run.id,
            type="agent_thinking",
            payload=thinking(run, number),
            at=run.created_at,
        )
        for place, run in enumerate(made)
        for number in range(EVENTS)
    )
    return thread


def thinking(run: Run, number: int) -> dict[str, Any]:
    ids = {"run_id": run.id, "thread_id": run.thread_id, "request_id": run.request_id, "parent_request_id": None}
    said = AgentThinking(**ids, attempt=1, agent="supervisor", thought=f"{number} {TOLD}")
    return said.model_dump(mode="json")


def pages(get: Callable[[str], Any], path: str, more: str, rows: str) -> list[list[Any]]:
    """All pages of a list, one after the other."""
    found, next_page = [], ""
    while True:
        answer = get(f"{path}?before={next_page}")
        found.append(answer[rows])
        if answer[more] is None:
            return found
        next_page = answer[more]


def cost(user: User, path: str) -> tuple[int, int]:
    """The bytes of an answer, and its queries."""
    mine = rest(user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = mine.get(path)
    assert answer.status_code == 200
    return len(answer.content), len(queries)


PATHS = ("threads/{}/", "snapshot/?thread={}", "runs/", "reports/", "threads/", "workloads/")


@pytest.mark.long
def test_a_response_does_not_grow_with_the_conversation(people: People) -> None:
    shorter, longer = conversation(people.owner, 30), conversation(people.neighbour, 300)
    for user, count in ((people.owner, 30), (people.neighbour, 300)):
        Workload.objects.bulk_create(Workload(owner=user, name=f"{n}.csv", state="ready") for n in range(count))
    for path in PATHS:
        size, queries = cost(people.owner, f"/api/{path.format(shorter.id)}")
        larger, more = cost(people.neighbour, f"/api/{path.format(longer.id)}")
        assert more == queries, path
        assert larger < MOST_BYTES, path
        assert size < MOST_BYTES, path


def test_pages_contain_each_message_once_in_order(people: People) -> None:
    thread, mine = conversation(people.owner, 60), rest(people.owner)
    found = pages(lambda path: mine.get(path).json(), f"/api/threads/{thread.id}/", "earlier", "messages")
    assert len(found) > 1
    texts = [message["text"] for page in reversed(found) for message in page]
    assert texts == [f"question {number}" for number in range(60)]
    assert all(len(message["run"]["events"]) == EVENTS for page in found for message in page)
    assert all(len(json.dumps(page)) < MOST_BYTES for page in found)


def test_a_run_larger_than_a_page_is_a_page(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_BYTES", 1)
    thread, mine = conversation(people.owner, 3), rest(people.owner)
    found = pages(lambda path: mine.get(path).json(), f"/api/threads/{thread.id}/", "earlier", "messages")
    assert [[message["text"] for message in page] for page in found] == [["question 2"], ["question 1"], ["question 0"]]


def test_concurrent_changes_duplicate_or_hide_nothing(people: People) -> None:
    thread, mine = conversation(people.owner, 6), rest(people.owner)
    path = f"/api/threads/{thread.id}/?limit=2"
    last = mine.get(path).json()
    queue_run(people.owner, "another", thread_id=thread.id)
    Message.objects.get(id=last["messages"][0]["id"]).delete()  # the one at which the next page begins
    before = mine.get(f"{path}&before={last['earlier']}").json()
    assert [message["text"] for message in before["messages"]] == ["question 2", "question 3"]


@pytest.mark.parametrize("path", ["threads/", "runs/", "workloads/"])
def test_lists_have_pages(people: People, path: str) -> None:
    for number in range(7):
        queue_run(people.owner, f"{number}")
        Workload.objects.create(owner=people.owner, name=f"{number}.csv", state="ready")
    queue_run(people.neighbour, "theirs")
    mine = rest(people.owner)
    found = pages(lambda path: mine.get(f"{path}&limit=3").json(), f"/api/{path}", "next", "results")
    assert [len(page) for page in found] == [3, 3, 1]
    ids = [each["id"] for page in found for each in page]
    assert len(set(ids)) == 7
    assert ids == [each["id"] for each in mine.get(f"/api/{path}").json()["results"]]


def test_a_snapshot_has_the_cursors_of_its_lists(people: People) -> None:
    for number in range(51):
        Thread.objects.create(owner=people.owner, title=str(number))
        Workload.objects.create(owner=people.owner, name=f"{number}.csv", state="ready")
    mine = rest(people.owner)
    shown = mine.get("/api/snapshot/").json()
    assert (len(shown["threads"]), len(shown["workloads"])) == (50, 50)
    for name in ("threads", "workloads"):
        rest_of = mine.get(f"/api/{name}/?before={shown['next'][name]}").json()
        assert (len(rest_of["results"]), rest_of["next"]) == (1, None)


def test_a_list_of_reports_does_not_contain_the_reports(people: People) -> None:
    conversation(people.owner, 2)
    answer = rest(people.owner).get("/api/reports/")
    assert [(each["ask"], each["spend"], each["saving"]) for each in answer.json()["results"]] == [("a", 2.5, None)] * 2
    assert TOLD not in answer.content.decode()


@pytest.mark.parametrize("asked", ["before=x", "before=1-2", f"before={'9' * 30}-{'0' * 32}", "limit=0", "limit=101"])
@pytest.mark.parametrize("path", ["threads/", "runs/", "workloads/", "threads/{}/"])
def test_an_invalid_cursor_is_an_error(people: People, path: str, asked: str) -> None:
    thread = queue_run(people.owner).thread_id
    assert is_refused(rest(people.owner).get(f"/api/{path.format(thread)}?{asked}"), 400, "bad_input")


def test_the_farthest_cursor_is_an_empty_page(people: People) -> None:
    queue_run(people.owner)
    found = rest(people.owner).get(f"/api/threads/?before=0-{'0' * 32}").json()
    assert found == {"results": [], "next": None}
