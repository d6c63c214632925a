"""Work that anybody may ask for costs little: it is done once for all, or limited. Work is counted, not timed."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

import netra.schema
from netra import health, schema
from netra.middleware.rate_limits import AnonymousMiddleware
from netra.schema import SchemaView
from netra.server.request_limits import RESERVED_PER_MINUTE, AnonymousRateLimiter
from netra.server.scope_services import ServerServices
from tests.netra.test_config import environment
from tests.support.live_server import LiveServer, run_live_server
from tests.support.patience import PATIENCE
from tests.support.services import build_services


def build_request(path: str, services: ServerServices, **headers: str) -> Any:
    request = RequestFactory().get(path, headers=headers)
    request.scope = {"services": services}  # type: ignore[attr-defined]
    return request


@pytest.mark.django_db
def test_whether_it_is_ready_asks_the_database_once_for_all(
    django_assert_max_num_queries: Callable[..., CaptureQueriesContext],
) -> None:
    services = build_services()
    health.ready(build_request("/healthz/ready", services))
    with django_assert_max_num_queries(0):
        assert {health.ready(build_request("/healthz/ready", services)).status_code for _ in range(20)} == {200}


@pytest.mark.slow
def test_the_document_is_made_once_for_each_of_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    made, ours = list[int](), schema._render_schema

    def document(renderer: object) -> bytes:
        made.append(1)
        return ours(renderer)

    monkeypatch.setattr(netra.schema, "_render_schema", document)
    services, view = build_services(), SchemaView.as_view()
    for _ in range(3):
        written = view(build_request("/api/schema/", services))
        said = view(build_request("/api/schema/", services, accept="application/vnd.oai.openapi+json"))
    assert len(made) == 2
    assert yaml.safe_load(written.content) == json.loads(said.content)
    assert view(build_request("/api/schema/", services, **{"if-none-match": written["ETag"]})).status_code == 304
    assert written["Cache-Control"] == "public, max-age=600"


@pytest.mark.parametrize("query", ["version=evil", "lang=de", "x=1"])
def test_nothing_that_a_request_says_is_in_the_document(query: str) -> None:
    assert Client().get(f"/api/schema/?{query}").status_code == 400


@pytest.mark.slow
def test_the_document_looks_nobody_up() -> None:
    """No database: the mark is missing on purpose, and a query would fail."""
    headers = {"Authorization": "Token " + "a" * 64, "Cookie": "netra_session=" + "a" * 32}
    assert Client().get("/api/schema/", headers=headers).status_code == 200


def limits(each: int, everybody: int) -> AnonymousRateLimiter:
    """A limiter whose clock stands still, so that no bucket refills during a test."""
    settings = environment(page_requests_per_minute=each, page_requests_in_all=everybody)
    return AnonymousRateLimiter(settings, clock=lambda: 0.0)


def test_one_address_is_limited_and_costs_the_others_nothing() -> None:
    allowance = limits(20, 100)
    assert sum(allowance.take("192.0.2.1") for _ in range(500)) == 10
    assert sum(allowance.take("192.0.2.2") for _ in range(10)) == 10


def test_all_addresses_together_are_limited() -> None:
    allowance = limits(200, 200)
    floods = [f"192.0.2.{host}" for host in range(10)]
    taken = sum(allowance.take(each) for each in floods * 100)
    assert taken == 100 + len(floods) * RESERVED_PER_MINUTE
    assert sum(allowance.take("198.51.100.7") for _ in range(100)) == RESERVED_PER_MINUTE  # who comes now can sign in


def test_addresses_of_one_network_count_as_one() -> None:
    allowance = limits(20, 0)
    assert sum(allowance.take(f"2001:db8::{host:x}") for host in range(1, 100)) == 10
    assert allowance.take("2001:db8:0:1::1")
    assert sum(allowance.take(f"::ffff:192.0.2.{host}") for host in range(1, 100)) == 99


@pytest.mark.parametrize("address", ["", "x", "/run/socket", "[::1]"])
def test_whatever_an_address_is_it_is_counted(address: str) -> None:
    allowance = limits(20, 0)
    assert sum(allowance.take(address) for _ in range(100)) == 10


def test_without_a_limit_there_is_none() -> None:
    allowance = limits(0, 0)
    assert all(allowance.take("192.0.2.1") for _ in range(1_000))


def test_where_nothing_costs_nobody_is_limited() -> None:
    services = build_services(anonymous_limiter=limits(2, 0))
    middleware = AnonymousMiddleware(lambda request: None)  # type: ignore[arg-type]
    for path in ("/healthz/live", "/healthz/ready", "/static/netra/x.js", "/api/threads/", "/"):
        assert [middleware.process_request(build_request(path, services)) for _ in range(5)] == [None] * 5
    answers = [middleware.process_request(build_request("/accounts/login/", services)) for _ in range(3)]
    assert [getattr(each, "status_code", None) for each in answers] == [None, 429, 429]
    assert answers[-1] is not None
    assert answers[-1].headers["Retry-After"] == "5"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_real_server_limits_the_sign_in_page_and_keeps_its_tokens_apart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("limited")
    with run_live_server(folder, page_requests_per_minute="4", page_requests_in_all="1000") as server:
        first, second = page(server), page(server)
        assert first[0] == second[0] == 200
        assert first[1] != second[1]
        answers = [page(server)[0] for _ in range(12)]
        assert 429 in answers  # unless a page takes 15 s, in which another one is allowed
        assert page(server, "/healthz/ready")[0] == 200
        assert page(server, "/api/texts/")[0] == 200
    assert not Session.objects.exists()


def page(server: LiveServer, path: str = "/accounts/login/") -> tuple[int, str]:
    """The status, and the cookies."""
    try:
        with urlopen(Request(server.origin + path), timeout=PATIENCE) as answer:
            return int(answer.status), str(answer.headers["Set-Cookie"])
    except HTTPError as error:
        return error.code, ""
