import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import InvalidStatus

from agents.models import Run
from netra.server.application import Application
from netra.server.scope_services import ServerServices
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.running_worker import ask_about_log, environment
from tests.support.stream_client import token_of
from tests.support.websocket_connections import connect

pytestmark = pytest.mark.django_db(transaction=True)


def send_request(server: LiveServer, method: str, path: str, token: str, body: bytes | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    request = Request(server.origin + path, method=method, data=body, headers=headers)
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def test_a_run_started_over_rest_is_taken_up_at_once(people: People, server: LiveServer) -> None:
    token = token_of(people.owner)
    status, run = send_request(server, "POST", "/api/runs/", token, b'{"text": "hello"}')
    assert status == 201
    until = time.monotonic() + PATIENCE
    while (state := send_request(server, "GET", f"/api/runs/{run['id']}/", token)[1]["state"]) in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert state == "completed"


def test_an_oversized_body_is_refused(people: People, server: LiveServer) -> None:
    status, error = send_request(server, "POST", "/api/runs/", token_of(people.owner), b" " * 9_000_000)
    assert (status, error["code"]) == (413, "too_large")


async def test_there_is_no_other_websocket(server: LiveServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(server.websocket + "other/")
    assert caught.value.response.status_code == 403


class Server:
    """Another ASGI server, one that does speak lifespan."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> "Server":
        self._task = asyncio.create_task(self._application({"type": "lifespan"}, self._in.get, self._out.put))
        assert await self._say("lifespan.startup") == "lifespan.startup.complete"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert await self._say("lifespan.shutdown") == "lifespan.shutdown.complete"
        await self._task

    async def _say(self, kind: str) -> str:
        await self._in.put({"type": kind})
        return str((await asyncio.wait_for(self._out.get(), PATIENCE))["type"])


async def _nothing(*_: object) -> None:
    return


async def test_it_works_on_what_was_queued_before_it_opened(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(ask_about_log)(people.owner, None)
    async with Server(Application(environment(tmp_path), http=_nothing, websocket=_nothing)):
        for _ in range(200):
            await sync_to_async(run.refresh_from_db)()
            if run.ended_at:
                break
            await asyncio.sleep(0.05)
    assert (await Run.objects.aget()).state == "completed"


async def test_every_request_gets_the_services_and_a_scope_of_its_own(people: People, tmp_path: Path) -> None:
    scopes: list[dict[str, Any]] = []

    async def http(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        scopes.append(scope)

    application = Application(environment(tmp_path), http=http, websocket=_nothing)
    try:
        for _ in range(2):
            await application({"type": "http", "path": "/"}, _nothing, _nothing)
    finally:
        await application.close()
    first, second = scopes
    assert isinstance(first["services"], ServerServices)
    assert first["services"] is second["services"]
    assert first["report_user"] is not second["report_user"]
    assert first is not second


async def test_what_kept_it_from_opening_is_said_and_it_can_open_later(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no room")

    application = Application(environment(tmp_path), http=_nothing, websocket=_nothing)
    with monkeypatch.context() as patched:
        patched.setattr("netra.server.application.running_services", broken)
        with pytest.raises(RuntimeError, match="no room"):
            await application({"type": "http", "path": "/"}, _nothing, _nothing)
    await application({"type": "http", "path": "/"}, _nothing, _nothing)
    await application.close()
