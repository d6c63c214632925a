"""Errors of the REST interface: each in one shape, in the user's words; a defect is nobody's answer."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from netra.core.api.caller import caller, wake
from netra.core.api.errors import handler
from netra.core.exceptions import Conflict, InvalidContext
from netra.language.text import text


def request_of(user: Any) -> Request:
    request = Request(APIRequestFactory().get("/"))
    request.user = user
    return request


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (Conflict(text("it has ended")), 409, "conflict", "it has ended"),
        (Http404("Run matching query"), 404, "not_found", "There is no such thing among yours."),
        (exceptions.NotFound("Run matching query"), 404, "not_found", "There is no such thing among yours."),
        (PermissionDenied("a.b"), 403, "permission_denied", "You may not do this."),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", 'Method "PUT" not allowed.'),
        (exceptions.ValidationError(["Too long."]), 400, "bad_input", "Too long."),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_an_error_has_a_code_and_a_sentence(error: Exception, status: int, code: str, message: str) -> None:
    answer = handler(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"], answer.data["message"]) == (status, code, message)


def test_a_defect_is_left_to_djangos_500() -> None:
    assert handler(ZeroDivisionError("division by zero"), {}) is None


def test_nobody_is_no_caller() -> None:
    with pytest.raises(InvalidContext, match="nobody signed in"):
        caller(request_of(AnonymousUser()))


def test_this_processs_engines_are_told_of_work_where_there_are_any() -> None:
    rung: list[str] = []
    request = request_of(AnonymousUser())
    wake(request)
    request._request.scope = {"state": {"wake": lambda: rung.append("now")}}  # type: ignore[attr-defined]
    wake(request)
    assert rung == ["now"]
