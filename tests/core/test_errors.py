"""Errors of the REST interface: each in one shape, in the user's words; a defect is nobody's answer."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core import db
from core.api.errors import handle_exception
from core.api.views import request_context, wake_workers
from core.exceptions import Conflict, InvalidContext
from core.i18n.text import text
from tests.support.services import build_services


def request_of(user: Any) -> Request:
    request = Request(APIRequestFactory().get("/"))
    request.user = user
    return request


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (Conflict(text("it has ended")), 409, "conflict", "it has ended"),
        (Http404("Run matching query"), 404, "not_found", "Not found."),
        (exceptions.NotFound("Run matching query"), 404, "not_found", "Not found."),
        (PermissionDenied("a.b"), 403, "permission_denied", "You don't have permission to do this."),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", 'Method "PUT" not allowed.'),
        (exceptions.ValidationError(["Too long."]), 400, "bad_input", "Too long."),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_an_error_has_a_code_and_a_message(error: Exception, status: int, code: str, message: str) -> None:
    answer = handle_exception(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"], answer.data["message"]) == (status, code, message)


def test_a_database_that_is_away_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="postgresql"))
    answer = handle_exception(OperationalError("connection refused: host secret.example"), {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"], answer["Retry-After"]) == (503, "busy", "2")
    assert "secret" not in answer.data["message"]


def test_a_defect_is_left_to_djangos_500() -> None:
    assert handle_exception(ZeroDivisionError("division by zero"), {}) is None


def test_an_anonymous_request_has_no_caller() -> None:
    with pytest.raises(InvalidContext, match="no signed-in user"):
        request_context(request_of(AnonymousUser()))


def test_the_process_wakes_its_workers_if_it_has_any() -> None:
    rung: list[str] = []
    request = request_of(AnonymousUser())
    wake_workers(request)
    request._request.scope = {"services": build_services(wake_workers=lambda: rung.append("now"))}  # type: ignore[attr-defined]
    wake_workers(request)
    assert rung == ["now"]
