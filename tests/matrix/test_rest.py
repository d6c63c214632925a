"""Every REST route, as each caller: by the real URLconf, with sessions that were opened before anything happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from core.models import Owned
from netra.urls import urlpatterns
from tests.matrix.actors import Actors, actors, apply_change, signed_in
from tests.matrix.exists import routes
from tests.matrix.rest_calls import CANARY, Belongings, address, belongings, call_route
from tests.matrix.rest_table import ROUTES
from tests.matrix.row import CALLERS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installation(settings: Settings, tmp_path: Path) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"data_dir": tmp_path})


def test_each_route_has_its_row() -> None:
    assert routes(urlpatterns) == ROUTES.keys()


@pytest.mark.parametrize("column", CALLERS)
def test_each_gets_what_the_table_says(column: str) -> None:
    who = actors()
    owned, browser = belongings(who.owner, who.operator), signed_in(who)[column]
    found = {route: try_route(route, column, who, owned, browser) for route in ROUTES}
    assert found == {route: getattr(row, column) for route, row in ROUTES.items()}


def try_route(route: str, column: str, who: Actors, owned: Belongings, browser: Client) -> int:
    """The status; a call that is not the owner's leaves their things as they were, and tells no word of them."""
    with undone():
        if column in ("demoted", "deactivated"):
            call_route(browser, route, owned)
            apply_change(column, who, staff=False)
        watched = column != "owner" and not route.startswith("GET")
        before = rows_of(who) if watched else []
        answer = call_route(browser, route, owned)
        assert not watched or rows_of(who) == before, f"{route} changed what is the owner's"
        if column != "owner":
            assert CANARY not in answer.content.decode(), f"{route} told {column} of the owner's"
        status: int = answer.status_code
        return status


def rows_of(who: Actors) -> list[Any]:
    owned = [each for each in apps.get_models() if issubclass(each, Owned) and not each._meta.proxy]
    return [list(each._default_manager.filter(owner=who.owner).order_by("pk").values()) for each in owned]


@contextmanager
def undone() -> Iterator[None]:
    """What is done within the block is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("column", ["owner", "anonymous"])
def test_head_answers_like_get(column: str) -> None:
    who = actors()
    owned, browser = belongings(who.owner, who.operator), signed_in(who)[column]
    found: dict[str, list[int]] = {}
    for route in ROUTES:
        method, path = route.split(" ")
        if method == "GET":
            answers = [browser.generic(each, address(path, owned)) for each in ("GET", "HEAD")]
            assert not answers[1].content
            found[route] = [answer.status_code for answer in answers]
    assert [route for route, (got, headed) in found.items() if got != headed] == []


@pytest.mark.parametrize("query", ["format=json", "format=yaml", "format=nonsense", "unknown=1"])
def test_head_takes_the_query_that_get_takes(query: str) -> None:
    browser = Client()
    got, headed = (browser.generic(method, f"/api/schema/?{query}") for method in ("GET", "HEAD"))
    assert headed.status_code == got.status_code
    assert headed.headers.get("ETag") == got.headers.get("ETag")
