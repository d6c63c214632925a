"""Lines of the log: whole, with the ids of what they are about, and without what a user said or a secret."""

import json
import logging
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.request import Request
from rest_framework.test import force_authenticate

from core.api.views import request_context
from core.correlation import bind_ids, current_ids
from core.exceptions import BadInput, IsolationViolation
from core.i18n.text import text
from netra.middleware.context import request_id_middleware
from netra.observability import JsonFormatter, TextFormatter
from netra.observability import build_logging_settings as logging_of
from tests.conftest import People
from tests.core.sample_secrets import KEYS
from tests.netra.test_config import environment

CANARY = "kanarienvogel"


def format_warning(
    *said: Any, error: BaseException | None = None, formatter: logging.Formatter | None = None, **more: Any
) -> str:
    """The line that comes of a warning."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter or JsonFormatter())
    log = logging.Logger("netra.test")
    log.addHandler(handler)
    log.warning(*said, exc_info=error, extra=more)
    return out.getvalue()


def raise_and_catch(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_a_line_is_one_object_with_its_ids() -> None:
    run, connection = uuid4(), uuid4()
    with bind_ids(connection_id=connection), bind_ids(run_id=run):
        line = format_warning("two\nlines of %s", "text")
    assert line.count("\n") == 1
    told = json.loads(line)
    assert datetime.fromisoformat(told.pop("time")).tzinfo is not None
    assert told == {
        "level": "WARNING",
        "logger": "netra.test",
        "message": "two\nlines of text",
        "connection_id": str(connection),
        "run_id": str(run),
    }


def test_a_line_of_text_has_them_too() -> None:
    run = uuid4()
    with bind_ids(run_id=run):
        line = format_warning("something", formatter=TextFormatter())
    assert line.endswith(f" WARNING netra.test: something [run_id={run}]\n")
    assert format_warning("something", formatter=TextFormatter()).endswith("netra.test: something\n")


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_no_secret_is_logged(formatter: logging.Formatter) -> None:
    assert KEYS["github"] not in format_warning("asked with %s", KEYS["github"], formatter=formatter)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(CANARY),
        BadInput(text("{canary}", canary=CANARY)),
        DatabaseError(CANARY),
        FileNotFoundError(2, "no", CANARY),
    ],
)
def test_a_failure_is_told_without_what_it_quotes(error: Exception) -> None:
    line = format_warning("failed", error=raise_and_catch(error, cause=KeyError(CANARY)))
    assert CANARY not in line
    first, cause = json.loads(line)["error"]
    assert first["kind"].endswith(type(error).__qualname__)
    assert "test_observability.py" in first["at"][-1]
    assert cause["kind"] == "builtins.KeyError"


@pytest.mark.parametrize("error", [IsolationViolation("a of b"), OperationalError("a of b"), OSError(28, "a of b")])
def test_words_of_our_own_are_told(error: Exception) -> None:
    assert json.loads(format_warning("failed", error=raise_and_catch(error)))["error"][0]["words"] == "a of b"


def test_of_an_address_only_its_route_is_logged(client: Client, caplog: pytest.LogCaptureFixture, db: None) -> None:
    client.get(f"/accounts/confirm-email/{CANARY}/{CANARY}")
    client.get("/api/runs/", HTTP_HOST="elsewhere.example")
    client.post("/healthz/live")
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("django.request")]
    assert len(lines) >= 2
    assert not any(CANARY in line for line in lines)
    assert json.loads(lines[0])["message"] == "Not Found: GET (no such address)"


def test_json_is_for_production_unless_it_is_said() -> None:
    assert environment(environment="production").logs_are_json
    assert not environment().logs_are_json
    assert environment(log_format="json").logs_are_json
    assert not environment(environment="production", log_format="text").logs_are_json
    for as_json, kind in ((True, JsonFormatter), (False, TextFormatter)):
        assert logging_of(as_json=as_json)["formatters"]["netra"]["()"] is kind


class TestRequestId:
    def test_each_answer_names_it_and_no_caller_chooses_it(self, client: Client) -> None:
        answers = [client.get("/healthz/live", headers={"X-Request-ID": str(uuid4())}) for _ in range(2)]
        first, second = (UUID(answer["X-Request-ID"]) for answer in answers)
        assert first != second
        assert str(first) != answers[0].wsgi_request.headers["X-Request-ID"]

    def test_it_is_that_of_the_context(self, people: People) -> None:
        seen: dict[str, str] = {}

        def view(request: HttpRequest) -> HttpResponse:
            force_authenticate(request, people.owner)
            seen.update(current_ids(), context=str(request_context(Request(request)).request_id))
            return HttpResponse()

        answer: Any = request_id_middleware(view)(RequestFactory().get("/"))
        assert answer["X-Request-ID"] == seen["context"] == seen["request_id"]
        assert current_ids() == {}

    async def test_the_same_where_answers_come_later(self) -> None:
        async def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse(current_ids()["request_id"])

        answer: Any = await request_id_middleware(view)(RequestFactory().get("/"))  # type: ignore[misc]
        assert answer.content.decode() == answer["X-Request-ID"]
