"""A field or parameter that nobody knows is refused by name, on every route of REST, and changes nothing."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from agents.models import Run, Thread
from tests.conftest import People
from tests.matrix.exists import routes
from tests.matrix.rest_calls import JSON, Belongings, address, belongings, body
from tests.support.rest_clients import openapi
from workloads.models import Upload, Workload

pytestmark = pytest.mark.django_db

ROUTES = sorted(routes(get_resolver().url_patterns))
FILES = ("PUT api/workloads/<uuid:pk>/invoice/",)
"""Their body is a file."""
WRITING = [
    route
    for route in ROUTES
    if route.startswith(("POST", "PUT", "PATCH")) and route not in FILES and not route.startswith("PATCH api/uploads/")
]
READING = [route for route in ROUTES if route.startswith("GET") and route != "GET api/schema/"]
NAME = "workload_ids"


@pytest.fixture
def owner_belongings(people: People) -> Belongings:
    return belongings(people.owner, people.stranger)


@pytest.fixture
def owner(people: People, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Who has just given their password again, which some routes ask for before they read anything."""
    monkeypatch.setattr("accounts.api.is_recently_authenticated", lambda *_: True)
    client = Client()
    client.force_login(people.owner, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def rows() -> list[Any]:
    return [list(each.objects.order_by("pk").values()) for each in (Run, Thread, Workload, Upload)]


@pytest.mark.parametrize("route", WRITING)
def test_an_unknown_field_is_refused_by_its_name(owner: Client, owner_belongings: Belongings, route: str) -> None:
    method, path = route.split(" ")
    before = rows()
    said = json.dumps(body(route, owner_belongings) | {NAME: "x"})
    answer = owner.generic(method, address(path, owner_belongings), said, JSON)
    assert answer.status_code == 400, answer.content
    told = answer.json()
    assert (told["code"], list(told["fields"])) == ("bad_input", [NAME])
    assert f"{NAME}: Unknown field." in told["message"]
    assert rows() == before


@pytest.mark.parametrize("route", READING)
def test_an_unknown_parameter_is_refused_by_its_name(owner: Client, owner_belongings: Belongings, route: str) -> None:
    answer = owner.get(address(route.split(" ")[1], owner_belongings) + f"?{NAME}=x")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [NAME])


@pytest.mark.parametrize("route", READING)
def test_without_it_the_same_request_is_answered(owner: Client, owner_belongings: Belongings, route: str) -> None:
    assert owner.get(address(route.split(" ")[1], owner_belongings)).status_code == 200


def test_a_field_that_is_only_told_is_not_taken_either(owner: Client) -> None:
    answer = owner.post("/api/threads/", {"title": "x", "id": "1", "created_at": "x"}, JSON)
    assert list(answer.json()["fields"]) == ["id", "created_at"]


def test_it_is_found_inside_and_told_with_where_it_is_beside_other_mistakes(owner: Client) -> None:
    asked = {"text": "", "assumptions": {"price_input": "1"}}
    told = owner.post("/api/runs/", asked, JSON).json()
    assert told["fields"]["assumptions"] == {"price_input": ["Unknown field."]}
    assert "assumptions.price_input: Unknown field." in told["message"]
    assert "text" in told["fields"]


def test_thousands_of_them_are_no_answer_of_megabytes(owner: Client) -> None:
    answer = owner.post("/api/threads/", {f"{number}" + "x" * 300: 1 for number in range(3_000)}, JSON)
    assert answer.status_code == 400
    assert len(answer.content) < 10_000


def test_openapi_says_so() -> None:
    document = openapi()
    bodies = [
        content["schema"]["$ref"].rpartition("/")[2]
        for path in document["paths"].values()
        for operation in path.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == JSON
    ]
    assert len(set(bodies)) >= 7
    for name in (*bodies, "AssumptionsRequest"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name
