"""Requests in turns: applications that wait at a gate, and no clock."""

import asyncio
import json
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from core.models import User
from netra.server import request_limits
from netra.server.request_limits import MAX_WAITING_OF_USER, RequestQueue, RequestUserMiddleware


class App:
    """Answers as whoever `users` says a token belongs to, once the gate is open."""

    def __init__(self, users: dict[str, UUID | None]) -> None:
        self.users = users
        self.open = asyncio.Event()
        self.at_work: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        token = dict(scope["headers"]).get(b"authorization", b"").decode()
        self.at_work.append(token)
        await self.open.wait()
        scope["report_user"](self.users.get(token))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


class Asker:
    def __init__(self, app: App, at_once: int = 4) -> None:
        self.app = app
        self.gate = RequestQueue(at_once, cookie="netra_session")
        self.told: list[list[dict[str, Any]]] = []

    async def _ask(self, headers: list[tuple[bytes, bytes]], address: str, send: Any = None) -> None:
        told: list[dict[str, Any]] = []
        self.told.append(told)

        async def sending(message: dict[str, Any]) -> None:
            told.append(message)

        async def shield(work: Any) -> None:
            await asyncio.shield(asyncio.ensure_future(work))

        scope = {"type": "http", "headers": headers, "client": (address, 1)}
        await self.gate.serve(self.app, scope, None, send or sending, shield)  # type: ignore[arg-type]

    def ask(self, token: str, address: str = "10.0.0.1", send: Any = None) -> "asyncio.Task[None]":
        return asyncio.create_task(self._ask([(b"authorization", token.encode())], address, send))

    async def make_known(self, *tokens: str) -> None:
        """Each has had an answer, by which it is known whose it is."""
        self.app.open.set()
        for token in tokens:
            await self.ask(token)
        self.app.open.clear()
        self.app.at_work.clear()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def end(tasks: "list[asyncio.Task[None]]", app: App) -> None:
    app.open.set()
    await asyncio.gather(*tasks)


async def test_all_credentials_of_one_user_have_half_the_places_and_another_user_finds_one() -> None:
    noisy, quiet = uuid4(), uuid4()
    app = App({"n1": noisy, "n2": noisy, "n3": noisy, "q": quiet})
    asker = Asker(app)
    await asker.make_known("n1", "n2", "n3", "q")
    tasks = [asker.ask(token) for token in ("n1", "n2", "n3") for _ in range(10)]
    await settle()
    assert app.at_work == ["n1", "n1"]
    tasks.append(asker.ask("q"))
    await settle()
    assert app.at_work == ["n1", "n1", "q"]
    await end(tasks, app)
    assert all(told[0]["status"] == 200 for told in asker.told)


async def test_made_up_credentials_are_one_addresss_and_not_as_many_users() -> None:
    app = App({"q": uuid4()})
    asker = Asker(app)
    await asker.make_known("q")
    tasks = [asker.ask(f"made up {number}") for number in range(30)]
    await settle()
    assert len(app.at_work) == 2
    tasks.append(asker.ask("q"))
    await settle()
    assert app.at_work[-1] == "q"
    await end(tasks, app)


async def test_what_was_a_users_once_and_is_nobodys_any_more_waits_with_its_address() -> None:
    victim = uuid4()
    app = App({"stale": victim, "own": victim})
    asker = Asker(app)
    await asker.make_known("stale", "own")
    app.users["stale"] = None
    await asker.make_known("stale")
    tasks = [asker.ask("stale") for _ in range(10)]
    tasks += [asker.ask("own") for _ in range(2)]
    await settle()
    assert sorted(app.at_work) == ["own", "own", "stale", "stale"]
    await end(tasks, app)


async def test_a_storm_beyond_its_queue_is_refused_with_429_and_when_to_come_back() -> None:
    app = App({})
    asker = Asker(app)
    tasks = [asker.ask("n") for _ in range(2 + MAX_WAITING_OF_USER + 3)]
    await settle()
    refused = [told for told in asker.told if told]
    assert [told[0]["status"] for told in refused] == [429] * 3
    assert (b"retry-after", b"1") in refused[0][0]["headers"]
    assert json.loads(refused[0][1]["body"])["code"] == "throttled"
    await end(tasks, app)


async def test_a_reader_who_takes_nothing_of_an_answer_keeps_no_place() -> None:
    app = App({})
    asker = Asker(app)
    never = asyncio.Event()

    async def stuck(message: dict[str, Any]) -> None:
        await never.wait()

    app.open.set()
    slow = [asker.ask("slow", send=stuck) for _ in range(20)]
    await settle()
    await asker.ask("slow")
    assert len(app.at_work) == 21
    never.set()
    await asyncio.gather(*slow)


async def test_who_stops_waiting_gives_up_the_queue_and_who_is_at_work_keeps_the_place_to_its_end() -> None:
    app = App({})
    asker = Asker(app)
    tasks = [asker.ask("n") for _ in range(4)]
    await settle()
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (asker.gate._semaphore.slots_in_use, asker.gate._semaphore.queue_length) == (2, 0)
    app.open.set()
    await settle()
    assert asker.gate._semaphore.slots_in_use == 0


@pytest.mark.parametrize("kind", ["program", "session", "nobody", "not asked"])
def test_the_gate_is_told_whose_an_answered_request_was(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A connection that an earlier test left open on this thread may not be touched without a database.
    monkeypatch.setattr(request_limits, "close_old_connections", lambda: None)
    user = User(username="owner")
    request: Any = RequestFactory().get("/")
    told: list[UUID | None] = []
    request.scope = {"report_user": told.append}
    if kind == "program":
        request.user = user
    elif kind == "not asked":
        request.user = SimpleLazyObject(lambda: pytest.fail("it was looked up"))
    else:
        request._cached_user = user if kind == "session" else AnonymousUser()
        request.user = SimpleLazyObject(lambda: user)
    RequestUserMiddleware(lambda request: HttpResponse())(request)
    assert told == {"program": [user.id], "session": [user.id], "nobody": [None], "not asked": []}[kind]


async def test_what_a_requests_thread_tells_is_learnt_on_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    class ThreadReportingApp(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await asyncio.to_thread(scope["report_user"], self.users["n"])

    asker, threads = Asker(ThreadReportingApp({"n": uuid4()})), list[int]()
    learn = asker.gate._remember_user

    def note_thread(digest: bytes, user_id: UUID | None) -> None:
        threads.append(threading.get_ident())
        learn(digest, user_id)

    monkeypatch.setattr(asker.gate, "_remember_user", note_thread)
    await asker.ask("n")
    await settle()
    assert threads == [threading.get_ident()]
    assert len(asker.gate._users_by_credential) == 1


async def test_a_request_that_computes_elsewhere_leaves_its_place_to_others() -> None:
    noisy, quiet = uuid4(), uuid4()

    class Computing(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if dict(scope["headers"])[b"authorization"].startswith(b"n"):
                await asyncio.to_thread(scope["release_turn"])
            await super().__call__(scope, receive, send)

    app = Computing({"n": noisy, "q": quiet})
    asker = Asker(app, at_once=2)
    await asker.make_known("n", "q")
    tasks = [asker.ask("n") for _ in range(3)]
    while app.at_work != ["n"] * 3:
        await asyncio.sleep(0.01)
    assert asker.gate._semaphore.slots_in_use == 0
    tasks.append(asker.ask("q"))
    await settle()
    assert app.at_work[-1] == "q"
    await end(tasks, app)
    assert all(told[0]["status"] == 200 for told in asker.told)
    assert asker.gate._semaphore.slots_in_use == 0  # each was given back once
