"""A real server, and the way of a question through it, with text that is too long or costs too much."""

import asyncio
import http.client
import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from websockets.exceptions import InvalidStatus

from accounts.admin_site import SEARCH_TOO_LONG
from agents.language import questions
from agents.language.questions import read_question
from agents.language.reading import Reading
from agents.llm.offline import MAX_INLINE_CHARACTERS, follow_plan, run_off_loop
from agents.llm.turns import FinalOutput, PlanAction, PlanHistory
from agents.run_conditions import MAX_MESSAGE
from agents.team import intent
from netra.middleware.validation import MAX_FIELD_CHARACTERS
from netra.server.headers import MAX_HEADER_BYTES
from realtime import protocol
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.running_worker import ask_about_log as question
from tests.support.running_worker import await_run_events, environment, working
from tests.support.stream_client import session_of, token_of
from tests.support.websocket_connections import connect

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = "not" * (MAX_MESSAGE // 3)


def send_get(server: LiveServer, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    line = http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=PATIENCE)
    try:
        line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        line.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookie", "a=" + "b" * MAX_HEADER_BYTES[b"cookie"]),
        ("accept", "a/b," * 1000),
        ("content-type", "a/b" + ";" * 1000),
        ("authorization", "Token " + "a" * MAX_HEADER_BYTES[b"authorization"]),
        ("range", "bytes=" + "9" * 1000),
        ("upload-offset", "9" * 5000),
        ("x-anything", "a" * 9000),
    ],
)
def test_a_header_that_is_too_long_is_refused_in_words(server: LiveServer, name: str, value: str) -> None:
    status, answer = send_get(server, "/api/me/", **{name: value})
    assert (status, answer["code"]) == (431, "headers_too_long")


def test_a_long_language_is_read_as_far_as_it_goes(people: People, server: LiveServer) -> None:
    token = f"Token {token_of(people.owner)}"
    assert send_get(server, "/api/me/", authorization=token, accept_language="a-" * 7000)[0] == 200


async def test_a_handshake_with_such_headers_is_turned_away_and_the_next_one_is_not(
    people: People, server: LiveServer
) -> None:
    token = await sync_to_async(token_of)(people.owner)
    with pytest.raises(InvalidStatus) as caught:
        await connect(server.websocket, additional_headers={"X-Anything": "a" * 9000})
    assert caught.value.response.status_code == 403
    headers = {"Authorization": f"Token {token}", "Accept-Language": "a-" * 6000}
    async with connect(server.websocket, additional_headers=headers) as socket:
        assert json.loads(await socket.recv())["type"] == "welcome"


async def test_cookies_with_escapes_are_as_if_they_were_not_there(people: People, server: LiveServer) -> None:
    key = await sync_to_async(session_of)(people.owner)
    cookies = 'a="' + "\\" * 4000 + f'"; netra_session={key}'
    async with connect(server.websocket, additional_headers={"Cookie": cookies, "Origin": server.origin}) as socket:
        assert json.loads(await socket.recv())["user_id"] == str(people.owner.id)


@pytest.mark.parametrize("field", ["login", "password", "next"])
def test_a_field_of_the_sign_in_that_is_too_long_is_refused_in_words(db: None, field: str) -> None:
    given = {"login": "a", "password": "b", field: "//" + "\u0301\u0323" * MAX_FIELD_CHARACTERS}
    answer = Browser().post("/accounts/login/", given)
    assert answer.status_code == 400
    assert "too long" in answer.content.decode()
    assert Browser().get("/accounts/login/?" + urlencode({"next": "a" * (MAX_FIELD_CHARACTERS + 1)})).status_code == 400
    assert Browser().post("/accounts/login/", given | {field: "a" * MAX_FIELD_CHARACTERS}).status_code == 200


@pytest.mark.parametrize("query", [{"q": "a " * 50}, {"q": "a" * 201}, {"o": ".".join("1" * 21)}, {"term": "a " * 9}])
def test_a_search_of_many_words_is_refused_in_the_administration(people: People, query: dict[str, str]) -> None:
    people.owner.is_staff = True
    people.owner.save()
    people.owner.user_permissions.set(Permission.objects.filter(codename="view_user"))
    browser = Browser()
    browser.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.get("/admin/core/user/", query)
    assert (answer.status_code, SEARCH_TOO_LONG in answer.content.decode()) == (400, True)
    assert browser.get("/admin/core/user/", {"q": "owner a@b", "o": "1.2"}).status_code == 200


@pytest.mark.parametrize("words", ["a " * 9, "a" * 201, "%" * 60_000], ids=["words", "one word", "wild cards"])
def test_a_search_of_many_words_is_refused(people: People, words: str) -> None:
    browser = Browser()
    headers = {"Authorization": f"Token {token_of(people.owner)}"}
    answer = browser.get("/api/threads/", {"search": words}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert "at most 8 words and 200 characters" in answer.json()["message"]
    assert browser.get("/api/threads/", {"search": "a b c d e f g h"}, headers=headers).status_code == 200


def test_a_mapping_of_more_fields_than_there_are_is_refused(people: People) -> None:
    mapping = {f"a{place}": "" for place in range(10_000)}
    answer = Browser().post(
        "/api/uploads/",
        {"name": "a", "size": 1, "mapping": mapping},
        content_type="application/json",
        headers={"Authorization": f"Token {token_of(people.owner)}"},
    )
    assert answer.status_code == 400
    assert "10,000" in answer.json()["message"]


# --- off the event loop


async def test_a_long_question_is_read_on_a_thread_and_a_short_one_at_once() -> None:
    def where() -> int:
        return threading.get_ident()

    assert await run_off_loop("a" * MAX_INLINE_CHARACTERS, where) == threading.get_ident()
    assert await run_off_loop("a" * (MAX_INLINE_CHARACTERS + 1), where) != threading.get_ident()


async def test_a_long_frame_is_read_on_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    parse = protocol.parse_frame

    def note_thread(said: str | None) -> object:
        read.append(threading.get_ident())
        return parse(said)

    monkeypatch.setattr(protocol, "parse_frame", note_thread)
    frame = {"type": "start", "id": "a", "client_id": str(uuid4()), "text": HOSTILE}
    assert (await protocol.read_frame(json.dumps(frame))).type == "start"
    assert (await protocol.read_frame('{"type": "ping"}')).type == "ping"
    assert (read[0] == threading.get_ident(), read[1] == threading.get_ident()) == (False, True)


async def test_a_plan_reads_a_long_question_on_a_thread() -> None:
    read: list[int] = []

    def plan(turn: PlanHistory) -> PlanAction:
        read.append(threading.get_ident())
        return FinalOutput(intent.classify_ask(turn.ask).model_dump())

    for words in (HOSTILE, "cut my spend"):
        nothing: Any = None  # a plan that answers at once calls no tool and says nothing
        await follow_plan(
            plan, nothing, instructions="", prompt=words, output_type=intent.AskClassification, on_text=nothing
        )
    assert (read[0] == threading.get_ident(), read[1] == threading.get_ident()) == (False, True)


async def test_while_a_long_question_is_read_others_are_answered() -> None:
    """The reading waits for what the loop has to do meanwhile: on the loop it would wait for ever."""
    gate, seen = threading.Event(), []

    def read() -> bool:
        seen.append(gate.wait(60))
        return seen[-1]

    reading = asyncio.create_task(run_off_loop(HOSTILE, read))
    await asyncio.sleep(0)
    gate.set()
    assert await reading


async def test_no_rule_over_a_users_words_runs_on_the_event_loop(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def note_thread(*given: Any, **options: Any) -> Reading:
        read.append(threading.get_ident())
        return read_question(*given, **options)

    monkeypatch.setattr(questions, "read_question", note_thread)
    async with working(environment(tmp_path)) as (services, engine):
        run = await sync_to_async(question)(people.owner, None, HOSTILE)
        engine.wake()
        await await_run_events(services, run)
    assert read
    assert threading.get_ident() not in read
