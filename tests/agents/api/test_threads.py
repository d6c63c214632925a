from typing import Any
from uuid import uuid4

import pytest

from agents import threads, user_data
from agents.models import Thread
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest

pytestmark = pytest.mark.django_db


def test_a_conversation_is_created_changed_and_deleted(people: People) -> None:
    mine = rest(people.owner)
    made = mine.post("/api/threads/", {"title": "Log of May"}, format="json")
    assert (made.status_code, made.json()["title"]) == (201, "Log of May")
    path = f"/api/threads/{made.json()['id']}/"
    renamed = mine.patch(path, {"title": "Log of June"}, format="json")
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Log of June")
    mine.post("/api/runs/", {"text": "how much?", "thread_id": made.json()["id"]}, format="json")
    shown = mine.get(path).json()
    assert (shown["title"], shown["state"]) == ("Log of June", "queued")
    (message,) = shown["messages"]
    assert (message["text"], message["run"]["state"]) == ("how much?", "queued")
    assert [event["type"] for event in message["run"]["events"]] == ["run_queued"]
    assert mine.delete(path).status_code == 204
    assert is_refused(mine.get(path), 404, "not_found")


def test_a_conversation_is_pinned_without_a_title(people: People) -> None:
    path = f"/api/threads/{queue_run(people.owner, 'before').thread_id}/"
    pinned = rest(people.owner).patch(path, {"pinned": True}, format="json").json()
    assert (pinned["title"], pinned["pinned"], pinned["state"]) == ("before", True, "queued")
    both = rest(people.owner).patch(path, {"title": "after", "pinned": False}, format="json").json()
    assert (both["title"], both["pinned"]) == ("after", False)
    assert is_refused(rest(people.owner).patch(path, {"pinned": "maybe"}, format="json"), 400, "bad_input")
    assert is_refused(rest(people.neighbour).patch(path, {"pinned": True}, format="json"), 404, "not_found")


def test_search_finds_only_the_users_own(people: People) -> None:
    thread = queue_run(people.owner, "the canary question").thread
    found = rest(people.owner).get("/api/threads/?search=canary").json()["results"]
    assert [each["id"] for each in found] == [str(thread.id)]
    assert rest(people.owner).get("/api/threads/?search=other").json() == {"results": [], "next": None}
    assert rest(people.neighbour).get("/api/threads/?search=canary").json() == {"results": [], "next": None}


@pytest.mark.parametrize("title", ["", "x" * 201, None, ["a"]])
def test_an_invalid_title_is_an_error(people: People, title: object) -> None:
    thread = queue_run(people.owner, "before").thread
    answer = rest(people.owner).patch(f"/api/threads/{thread.id}/", {"title": title}, format="json")
    assert is_refused(answer, 400, "bad_input")
    assert Thread.objects.get().title == "before"


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_conversation_is_not_found(people: People, who: str) -> None:
    path, other = f"/api/threads/{queue_run(people.owner).thread_id}/", rest(getattr(people, who))
    assert is_refused(other.get(path), 404, "not_found")
    assert is_refused(other.patch(path, {"title": "mine"}, format="json"), 404, "not_found")
    assert is_refused(other.delete(path), 404, "not_found")
    assert other.get("/api/threads/").json() == {"results": [], "next": None}
    assert Thread.objects.count() == 1


def test_an_invalid_id_is_not_found(people: People) -> None:
    mine = rest(people.owner)
    assert is_refused(mine.get(f"/api/threads/{uuid4()}/"), 404, "not_found")
    assert mine.get("/api/threads/default/").status_code == 404


def test_a_conversation_that_is_deleted_while_it_is_changed_is_not_found(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = threads.create_thread(people.owner.id, "mine", publish=publish_to_nobody)
    pin = threads.pin_thread

    def pin_and_delete(*args: Any, **options: Any) -> Thread:
        pinned = pin(*args, **options)
        user_data.delete_thread(people.owner.id, thread.id, publish=publish_to_nobody)
        return pinned

    monkeypatch.setattr(threads, "pin_thread", pin_and_delete)
    answer = rest(people.owner).patch(f"/api/threads/{thread.id}/", {"pinned": True}, format="json")
    assert is_refused(answer, 404, "not_found")
