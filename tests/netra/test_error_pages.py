"""Answers where a request has failed: a defect, or a database that is away."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from core import db
from netra.error_pages import defect


def fail(error: Exception) -> None:
    raise error


def answer(path: str, error: Exception) -> HttpResponse:
    """As Django does: within the `except` of the error."""
    try:
        fail(error)
    except type(error):
        return defect(RequestFactory().get(path))
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/schema/"])
def test_while_the_database_is_away_one_is_told_to_come_back(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="postgresql"))
    told = answer(path, OperationalError("connection refused: host secret.example"))
    assert (told.status_code, told["Retry-After"]) == (503, "2")
    assert "reach its database" in told.content.decode()
    assert "secret" not in told.content.decode()
    assert answer(path, ZeroDivisionError("secret")).status_code == 500
