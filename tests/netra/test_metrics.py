"""`/metrics` is for who has its token, or staff who may; to all others there is no such page."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from pydantic import SecretStr
from pytest_django import Settings

from accounts.roles import OPERATORS, set_up_roles
from core.models import User
from netra.health import metrics
from realtime.metrics import Metrics
from tests.conftest import People
from tests.support.live_server import LiveServer, run_live_server
from tests.support.patience import PATIENCE
from tests.support.services import build_services

TOKEN = "geheimnis-9f2c"


@pytest.fixture
def token(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"metrics_token": SecretStr(TOKEN)})


def get_metrics(authorization: str | None = None, user: Any = None, measures: Metrics | None = None) -> HttpResponse:
    request = RequestFactory().get("/metrics", headers={"Authorization": authorization} if authorization else {})
    request.user = user or AnonymousUser()
    request.scope = {"services": build_services(metrics=measures or Metrics())}  # type: ignore[attr-defined]
    return metrics(request)


def test_who_has_the_token_is_told(token: None) -> None:
    measures = Metrics()
    measures.connections.set(7)
    answer = get_metrics(f"Bearer {TOKEN}", measures=measures)
    assert b"netra_connections 7.0\n" in answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Token {TOKEN}", TOKEN, "Bearer é"]
)
def test_who_has_not_finds_nothing(token: None, given: str | None) -> None:
    with pytest.raises(Http404):
        get_metrics(given)


@pytest.mark.parametrize("unset", [None, SecretStr(""), SecretStr("  ")])
@pytest.mark.parametrize("given", ["Bearer ", "Bearer None", "Bearer", "Bearer   "])
def test_without_a_token_none_opens_it(settings: Settings, unset: SecretStr | None, given: str) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"metrics_token": unset})
    with pytest.raises(Http404):
        get_metrics(given)


def test_staff_who_may_are_told(people: People) -> None:
    set_up_roles()
    staff = User.objects.create(username="olga", is_staff=True)
    with pytest.raises(Http404):
        get_metrics(user=staff)
    staff.groups.add(Group.objects.get(name=OPERATORS))
    assert get_metrics(user=User.objects.get(pk=staff.pk)).status_code == 200
    people.owner.user_permissions.add(Permission.objects.get(codename="view_measures"))
    with pytest.raises(Http404):
        get_metrics(user=User.objects.get(pk=people.owner.pk))


def test_a_process_that_measures_nothing_says_so(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    assert client.get("/metrics").status_code == 503
    assert Client().get("/metrics").status_code == 404


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_real_server_tells_of_itself(django_db_setup: None, tmp_path: Any) -> None:
    with run_live_server(tmp_path, metrics_token=TOKEN) as server:
        with pytest.raises(HTTPError, match="404"):
            urlopen(server.origin + "/metrics", timeout=PATIENCE)
        text = fetch_metrics(server)
    assert "netra_connections 0.0\n" in text
    assert "process_resident_memory_bytes " in text


def fetch_metrics(server: LiveServer) -> str:
    with urlopen(
        Request(server.origin + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}), timeout=PATIENCE
    ) as answer:
        return str(answer.read().decode())
