"""Every page of the admin, as each caller: who may see it, who may not, and who might a moment ago."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client, RequestFactory

from core.models import User
from netra.urls import urlpatterns
from tests.matrix import exists
from tests.matrix.actors import Actors, actors, apply_change, signed_in
from tests.matrix.admin_rows import name_of, powers, rows
from tests.matrix.admin_table import ACTIONS, MODELS, PAGES, RESTRICTED
from tests.matrix.row import CALLERS
from tests.support.filled_rows import dump

pytestmark = pytest.mark.django_db

STANDARD = {"list": "", "add": "add/", "change": "{}/change/", "history": "{}/history/", "delete": "{}/delete/"}
CHANGING = ("add", "change", "delete")
OUTSIDE = ("owner", "other", "anonymous", "deactivated")


def to_apps_pattern(pattern: str) -> str:
    return re.sub(r"<app_label>[^)]*", "<app_label>{apps}", pattern)


def test_each_page_has_its_row() -> None:
    standard = {
        f"admin/{model}/{suffix.format('<path:object_id>')}"
        for model in MODELS
        for suffix in (*STANDARD.values(), "{}/")
    }
    assert {to_apps_pattern(page) for page in exists.pages(urlpatterns)} == standard | PAGES.keys()


def test_each_act_has_its_row() -> None:
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    offered = {
        f"{name_of(model)} {action}"
        for model, page in admin.site._registry.items()
        for action in page.get_actions(request)
    }
    assert offered == ACTIONS.keys()


@pytest.fixture
def who() -> Actors:
    return actors()


@pytest.fixture
def owned_rows(who: Actors) -> dict[str, Model]:
    return rows(who.owner, who.other)


@pytest.fixture
def browsers(who: Actors) -> dict[str, Client]:
    """Who is to lose something has everything first; the one deactivated was an administrator."""
    found = signed_in(who)
    leaver = User.objects.create(username="leaver", is_staff=True, is_superuser=True)
    found["deactivated"].force_login(leaver)
    apply_change("demoted", who, staff=True)
    for user in (who.demoted, who.operator):
        user.user_permissions.set(Permission.objects.all())
        user.groups.clear()
    return found


def addresses(model: str, row: Model) -> dict[str, str]:
    return {kind: f"/admin/{model}/{suffix.format(row.pk)}" for kind, suffix in STANDARD.items()}


def test_staff_see_what_they_may_and_nothing_of_it_once_they_may_not(
    who: Actors, owned_rows: dict[str, Model], browsers: dict[str, Client]
) -> None:
    before: dict[str, tuple[int, int]] = {}
    after: dict[str, int] = {}
    for model, answers in MODELS.items():
        page = browsers["demoted"]
        for kind, address in addresses(model, owned_rows[model]).items():
            before[address] = (page.get(address).status_code, getattr(answers, kind))
        mine = list(powers(model))
        who.demoted.user_permissions.remove(*mine)
        after |= try_pages_and_forms(page, model, owned_rows[model])
        who.demoted.user_permissions.add(*mine)
    assert differing(before) == {}
    assert differing({each: (status, RESTRICTED.demoted) for each, status in after.items()}) == {}


def differing(found: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Status and what it should be, where they are not the same."""
    return {address: pair for address, pair in found.items() if pair[0] != pair[1]}


def try_pages_and_forms(page: Client, model: str, row: Model) -> dict[str, int]:
    """The answers to looking at each page and to sending each form; the row is there and as it was."""
    answers = {}
    before = load_values(row)
    for kind, address in addresses(model, row).items():
        answers[f"GET {address}"] = page.get(address).status_code
        if kind in CHANGING:
            answers[f"POST {address}"] = page.post(address, {"post": "yes"}).status_code
    assert load_values(row) == before
    return answers


def load_values(row: Model) -> Any:
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def test_an_operator_without_the_permission_sees_nothing(
    who: Actors, owned_rows: dict[str, Model], browsers: dict[str, Client]
) -> None:
    """They have every other permission that there is."""
    found: dict[str, int] = {}
    for model in MODELS:
        mine = list(powers(model))
        who.operator.user_permissions.remove(*mine)
        found |= try_pages_and_forms(browsers["operator"], model, owned_rows[model])
        who.operator.user_permissions.add(*mine)
    assert differing({each: (status, RESTRICTED.operator) for each, status in found.items()}) == {}


@pytest.mark.parametrize("column", OUTSIDE)
def test_who_is_no_staff_is_sent_to_sign_in(
    owned_rows: dict[str, Model], browsers: dict[str, Client], column: str
) -> None:
    if column == "deactivated":
        assert browsers[column].get("/admin/core/user/").status_code == 200
        User.objects.filter(username="leaver").update(is_active=False)
    found: dict[str, int] = {}
    for model in MODELS:
        found |= try_pages_and_forms(browsers[column], model, owned_rows[model])
    assert differing({each: (status, getattr(RESTRICTED, column)) for each, status in found.items()}) == {}


def test_pages_beside_those_of_models(who: Actors, owned_rows: dict[str, Model], browsers: dict[str, Client]) -> None:
    found: dict[str, tuple[int, int]] = {}
    for pattern, page in PAGES.items():
        address = fill_pattern(pattern, owned_rows)
        found[f"permitted {address}"] = (browsers["demoted"].get(address).status_code, page.permitted)
    User.objects.filter(username="leaver").update(is_active=False)
    for user in (who.demoted, who.operator):
        user.user_permissions.clear()
    for pattern, page in PAGES.items():
        address = fill_pattern(pattern, owned_rows)
        for column in CALLERS:
            answer = browsers[column].get(address)
            found[f"{column} {address}"] = (answer.status_code, getattr(page.others, column))
    assert differing(found) == {}


def test_acts_need_their_permission_at_the_moment_of_the_act(
    who: Actors, owned_rows: dict[str, Model], browsers: dict[str, Client]
) -> None:
    for act, permission in ACTIONS.items():
        model, action = act.split(" ")
        power = Permission.objects.get(
            content_type__app_label=permission.split(".")[0], codename=permission.split(".")[1]
        )
        assert f'value="{action}"' in browsers["demoted"].get(f"/admin/{model}/").content.decode()
        for user in (who.demoted, who.operator):
            user.user_permissions.remove(power)
        before = everything()
        asked = {"action": action, "_selected_action": str(owned_rows[model].pk), "why": "because", "post": "yes"}
        for column in CALLERS:
            if column != "deactivated":
                browsers[column].post(f"/admin/{model}/", asked)
        assert everything() == before, f"{act} was done without {permission}"
        for user in (who.demoted, who.operator):
            user.user_permissions.add(power)


def everything() -> list[str]:
    """All rows there are, but those of sessions, which also keep what was said of a refusal."""
    return [row for row in dump() if not row.startswith(("session ", "django_session: "))]


def fill_pattern(pattern: str, owned_rows: dict[str, Model]) -> str:
    run = owned_rows["agents/run"]
    address = pattern.replace("^(?P<app_label>{apps})/$", "core/").replace("(?P<url>.*)$", "nowhere/")
    address = address.replace("<path:content_type_id>/<path:object_id>", f"{content_type(run)}/{run.pk}")
    return "/" + address.replace("<id>", str(owned_rows["core/user"].pk))


def content_type(row: Model) -> int:
    return ContentType.objects.get_for_model(row).pk
