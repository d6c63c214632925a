"""Whether the process answers and can do its work; told to anybody, about nobody."""

import json
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, RequestFactory

from core import incidents
from core.models import IsolationIncident
from netra import health
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.services import FakeRunner, build_services

PATHS = ("/healthz", "/healthz/live", "/healthz/ready")


def list_unhealthy_parts(client: Client) -> dict[str, str]:
    """What is not well, and why; and that the status fits."""
    answer = client.get("/healthz/ready")
    told: dict[str, Any] = answer.json()
    bad = {name: part["reason"] for name, part in told["parts"].items() if part["status"] != "ok"}
    assert (answer.status_code, told["status"]) == ((503, "failed") if bad else (200, "ok"))
    assert client.get("/healthz").json() == told
    return bad


def test_all_is_well(client: Client, db: None) -> None:
    assert list_unhealthy_parts(client) == {}
    assert set(client.get("/healthz").json()["parts"]) == {"database", "migrations", "isolation"}


def test_an_incident_is_until_it_is_acknowledged(client: Client, people: People) -> None:
    incidents.record_incident("foreign_batch", where="here", expected=people.owner.id, found=uuid4())
    assert list_unhealthy_parts(client) == {"isolation": "1 unacknowledged; see Isolation incidents in the admin"}
    assert str(people.owner.id) not in client.get("/healthz").content.decode()
    incidents.acknowledge_incident(IsolationIncident.objects.get().id, "olga")
    assert list_unhealthy_parts(client) == {}


def test_a_migration_that_was_not_applied(client: Client, db: None) -> None:
    MigrationRecorder(connection).record_unapplied("core", "0003_incident")
    assert list_unhealthy_parts(client) == {"migrations": "1 not applied; run manage.py migrate"}


def test_a_database_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("connection to db.internal, user netra, failed")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", away)
    assert list_unhealthy_parts(client) == {"database": "not responding (OperationalError)"}
    assert client.get("/healthz/live").status_code == 200


@pytest.mark.parametrize("alive", [True, False])
def test_an_engine_that_stands_still(alive: bool, db: None) -> None:
    request = RequestFactory().get("/healthz/ready")
    request.scope = {"services": build_services(runner=FakeRunner(is_alive=alive))}  # type: ignore[attr-defined]
    answer = health.ready(request)
    assert answer.status_code == (200 if alive else 503)
    assert (b"restart this process" in answer.content) is not alive


@pytest.mark.slow
def test_that_it_answers_asks_nobody(client: Client) -> None:
    """No database: the mark is missing on purpose, and a query would fail."""
    assert client.get("/healthz/live").json() == {"status": "ok", "parts": {"process": {"status": "ok"}}}


@pytest.mark.parametrize("path", PATHS)
def test_it_makes_no_session_and_is_not_limited(client: Client, db: None, path: str) -> None:
    cache.clear()
    for _ in range(3):
        answer = client.get(path)
    assert not answer.cookies
    assert not Session.objects.exists()
    assert not [key for key in getattr(cache, "_cache", {}) if "throttle" in key]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_it_answers_to_our_names_and_to_looks_only(client: Client, db: None, path: str) -> None:
    assert client.get(path, HTTP_HOST="elsewhere.example").status_code == 400
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_real_server_is_well(server: LiveServer) -> None:
    with urlopen(server.origin + "/healthz/ready", timeout=PATIENCE) as answer:
        assert answer.headers["X-Request-ID"]
        assert set(json.load(answer)["parts"]) == {"database", "migrations", "isolation", "engine"}
