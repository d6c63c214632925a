"""Every address of the REST interface, as somebody whom it does not concern. New ones are tried without being named."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from knox.models import AuthToken

from core.models import Event, User
from operators.models import Consent
from tests.agents.api.test_runs import create_reported_run
from tests.conftest import People
from tests.support.rest_clients import openapi, rest
from tools.models import CallResult
from workloads.models import Upload, Workload

pytestmark = pytest.mark.django_db

CANARY = "canary-of-the-owner"
BODIES: dict[str, dict[str, Any]] = {
    "/threads/{id}/": {"title": "mine"},
    "/workloads/{id}/": {"name": "mine"},
    "/workloads/{id}/read/": {"mapping": {}},
    "/runs/{id}/feedback/": {"helpful": False},
}
OPEN_TO_ALL = ("/api/schema/", "/api/texts/")


def operations() -> Iterator[tuple[str, str]]:
    """Method and path of all that the OpenAPI document names."""
    for path, methods in openapi()["paths"].items():
        for method in methods:
            if method in ("get", "post", "put", "patch", "delete"):
                yield method, path


OPERATIONS = tuple(operations())


def belongings(user: User) -> dict[str, UUID | str]:
    """One of everything, by the part of the address that it fills."""
    run = create_reported_run(user)
    log = Workload.objects.create(owner=user, name=CANARY, state="ready", source={"rows": 1}, error=CANARY)
    upload = Upload.objects.create(owner=user, name=CANARY, size=10)
    token, _ = AuthToken.objects.create(user)
    call = {"request_id": uuid4(), "call_id": "call-1", "tool": CANARY, "result": [CANARY], "complete": True}
    CallResult.objects.create(owner=user, run_id=run.id, **call)
    consent = Consent.objects.create(owner=user, why="to look", asked_at=datetime.now(UTC))
    return {
        "/api/threads/": run.thread_id,
        "/api/runs/": run.id,
        "/api/workloads/": log.id,
        "/api/uploads/": upload.id,
        "/api/tokens/": token.token_key,
        "/api/consents/": consent.id,
    }


def fill_address(path: str, owned: dict[str, UUID | str]) -> str:
    for prefix, value in owned.items():
        if path.startswith(prefix):
            path = path.replace("{id}", str(value)).replace("{key}", str(value))
    return path.replace("{name}", "report.json").replace("{call_id}", "call-1")


def test_there_are_operations_to_try() -> None:
    assert len(OPERATIONS) > 25
    assert len([path for _, path in OPERATIONS if "{" in path]) > 12


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{" in one[1]])
@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_objects_are_not_found(people: People, who: str, method: str, path: str) -> None:
    owned = belongings(people.owner)
    before = Event.objects.count()
    address = fill_address(path, owned)
    assert "{" not in address, f"this test does not know what to put into {path}"
    # Fields that it does not know would be refused before anything is looked for.
    known = next(
        (fields for end, fields in BODIES.items() if path.endswith(end) and method in ("patch", "post", "put")), {}
    )
    body, kind = json.dumps(known), "application/json"
    if method == "patch" and "/uploads/" in path:
        body, kind = "0123456789", "application/octet-stream"
    answer = rest(getattr(people, who)).generic(method.upper(), address, body, kind, HTTP_UPLOAD_OFFSET="0")
    # Tokens are for sessions only, and this caller's is none.
    assert answer.status_code == 404 or (answer.status_code == 403 and "/tokens/" in path)
    assert CANARY not in answer.content.decode()
    assert str(people.owner.id) not in answer.content.decode()
    assert Event.objects.count() == before


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{" not in one[1] and one[0] == "get"])
def test_lists_contain_no_data_of_other_users(people: People, method: str, path: str) -> None:
    owned = belongings(people.owner)
    answer = rest(people.neighbour).get(path)
    assert answer.status_code in (200, 403)
    for value in (CANARY, people.owner.id, *owned.values()):
        assert str(value) not in answer.content.decode()


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if one[1] not in OPEN_TO_ALL])
def test_anonymous_callers_are_refused(people: People, method: str, path: str) -> None:
    answer = rest().generic(method.upper(), fill_address(path, belongings(people.owner)), "{}", "application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{id}" in one[1]])
def test_unknown_and_foreign_ids_get_the_same_answer(people: People, method: str, path: str) -> None:
    """A stranger cannot tell another's thing from one that does not exist."""
    mine = rest(people.stranger)
    there, nowhere = (
        fill_address(path, belongings(people.owner)),
        fill_address(path, {p: uuid4() for p in belongings(people.owner)}),
    )
    one, two = (mine.generic(method.upper(), address, "{}", "application/json") for address in (there, nowhere))
    assert (one.status_code, one.content) == (two.status_code, two.content)
