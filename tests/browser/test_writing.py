"""A language model's text while it is written: it shows after a reload, as text, and its thought takes its place."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.test_hostile import EVIL, assert_unharmed
from tests.browser.test_main_path import ask
from tests.conftest import People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@dataclass  # with slots playwright could not keep its own mark on the handlers
class Between:
    """Stands between page and server: in the snapshot the run is not over, and events are told that no model made."""

    events: list[dict[str, Any]]
    snapshot: dict[str, Any] = field(default_factory=dict)
    socket: WebSocketRoute | None = None

    def alter(self, route: Route) -> None:
        answer = route.fetch()
        self.snapshot = answer.json()
        run = self.snapshot["thread"]["messages"][0]["run"]
        run.update(state="running", ended_at=None)
        run["events"] = run["events"][:2] + [self._as_of(run["events"][1], event) for event in self.events]
        route.fulfill(response=answer, json=self.snapshot)

    def connect(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        socket.connect_to_server()

    def tell(self, user_id: str, event: dict[str, Any]) -> None:
        """As if it were the next of the stream."""
        assert self.socket is not None
        run = self.snapshot["thread"]["messages"][0]["run"]
        seq = self.snapshot["position"]["seq"]
        self.snapshot["position"]["seq"] = seq + 1
        told = {"type": "events", "user_id": user_id, "epoch": self.snapshot["position"]["epoch"]}
        events = [self._as_of(run["events"][1], event)]
        self.socket.send(json.dumps({**told, "after": seq, "upto": seq + 1, "events": events}))

    @staticmethod
    def _as_of(started: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        keys = ("run_id", "thread_id", "attempt", "agent", "request_id", "parent_request_id", "at")
        return {key: started[key] for key in keys} | event


def ask_and_reload(page: Page, between: Between) -> None:
    ask(page, "What is this?")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    page.route(re.compile("/api/snapshot/"), between.alter)
    page.route_web_socket("**/ws/", between.connect)
    page.reload()


def writing(text: str) -> dict[str, Any]:
    return {"type": "agent_writing", "part": 0, "text": text}


def test_the_text_so_far_shows_after_a_reload_and_becomes_the_thought(people: People, visit: Visit) -> None:
    between = Between([writing("Most of the"), writing(f"Most of the spend {EVIL[0]}")])

    def tell_owner(event: dict[str, Any]) -> None:
        between.tell(str(people.owner.id), event)

    with visit(people.owner) as page:
        ask_and_reload(page, between)
        line = page.locator(".thought.model")
        expect(line).to_have_text(f"the model is writing Most of the spend {EVIL[0]}")
        tell_owner(writing(f"Most of the spend {EVIL[0]} is"))
        expect(line).to_have_text(f"the model is writing Most of the spend {EVIL[0]} is")
        tell_owner({"type": "agent_thinking", "part": 0, "thought": f"It is {EVIL[1]}.", "source": "model"})
        expect(line).to_have_text(re.compile(f"^the model.s words It is {re.escape(EVIL[1])}"))
        assert_unharmed(page)
