"""A socket answers in the language that its handshake asks for."""

import errno
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from django.utils import translation

from core.exceptions import NotFound
from core.files import build_disk_full_error
from core.i18n.text import text
from core.models import User
from realtime.auth import WebSocketAuthMiddleware
from realtime.consumer import ChatConsumer
from tests.conftest import People
from tests.support.patience import PATIENCE
from tests.support.services import build_services
from tests.support.stream_client import token_of
from tests.support.translations import Words, german

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _speaks_german(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words: Words = {
        "This is not JSON.": "Das ist kein JSON.",
        "You're not signed in, or your session has ended.": "Sie sind nicht angemeldet.",
        "Run not found.": "So einen Lauf haben Sie nicht.",
    }
    german(monkeypatch, tmp_path, words)


@asynccontextmanager
async def open_socket(user: User | None, language: str) -> AsyncIterator[WebsocketCommunicator]:
    headers = [(b"accept-language", language.encode())]
    if user is not None:
        headers.append((b"authorization", f"Token {await sync_to_async(token_of)(user)}".encode()))
    socket = WebsocketCommunicator(WebSocketAuthMiddleware(ChatConsumer.as_asgi(), origins=()), "/ws/", headers)
    socket.scope["services"] = build_services()
    await socket.connect(timeout=PATIENCE)
    try:
        yield socket
    finally:
        await socket.disconnect(timeout=PATIENCE)


async def answers(user: User | None, language: str, *said: str) -> list[str]:
    """The messages of the error frames that answer."""
    async with open_socket(user, language) as socket:
        if user is not None:
            await receive_frame(socket)  # welcome
        for each in said:
            await socket.send_to(text_data=each)
        return [(await receive_frame(socket))["message"] for _ in said or ("the first",)]


async def receive_frame(socket: WebsocketCommunicator) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads((await socket.receive_output(timeout=PATIENCE))["text"])
    return frame


async def test_an_invalid_frame_is_answered_in_the_language(people: People) -> None:
    assert await answers(people.owner, "de-CH", "{") == ["Das ist kein JSON."]
    assert await answers(people.owner, "en", "{") == ["This is not JSON."]


async def test_an_anonymous_socket_is_told_in_its_language(db: None) -> None:
    assert await answers(None, "de") == ["Sie sind nicht angemeldet."]
    assert await answers(None, "fr") == ["You're not signed in, or your session has ended."]


async def test_an_invalid_question_is_answered_in_the_language(people: People) -> None:
    """Found by the REST framework, in a thread that has no request."""
    question = json.dumps({"type": "start", "id": "s", "client_id": str(uuid4()), "text": ""})
    assert await answers(people.owner, "de", question) == ["text: Dieses Feld darf nicht leer sein."]
    assert await answers(people.owner, "en", question) == ["text: This field may not be blank."]
    assert await sync_to_async(translation.get_language)() == "en"


async def test_a_refusal_is_in_the_language(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(*_: object, **__: object) -> None:
        raise NotFound(text("Run not found."))

    monkeypatch.setattr("agents.runs.cancel_run", cancel)
    frame = json.dumps({"type": "cancel", "id": "c", "run_id": str(uuid4())})
    assert await answers(people.owner, "de", frame) == ["So einen Lauf haben Sie nicht."]
    assert await answers(people.owner, "en", frame) == ["Run not found."]


@pytest.mark.parametrize("error", [OperationalError("database or disk is full"), OSError(errno.ENOSPC, "no room")])
async def test_a_full_disk_is_no_defect(people: People, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def cancel(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("agents.runs.cancel_run", cancel)
    frame = json.dumps({"type": "cancel", "id": "c", "run_id": str(uuid4())})
    assert await answers(people.owner, "en", frame) == [str(build_disk_full_error())]
