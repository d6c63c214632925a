"""Operators look at spending; who may, sets budgets, and both are told in plain words what does not fit."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import User
from tests.conftest import People
from tests.tools.spending.spend_rows import budget, spend
from tools.spending.models import Budget, Spend

pytestmark = pytest.mark.django_db

BUDGETS, SPENDING = "/admin/spending/budget/", "/admin/spending/spend/"


def staff(*codenames: str) -> Client:
    user = User.objects.create(username=f"olga{len(codenames)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def form(**more: Any) -> dict[str, Any]:
    return {"name": "Team", "limit": "12.50", "period": "month", "enabled": "on", "tool": ""} | more


def test_a_budgets_history_names_who_changed_it(people: People) -> None:
    client = staff("add_budget", "change_budget", "view_budget")
    assert client.post(f"{BUDGETS}add/", form(user=str(people.owner.id))).status_code == 302
    made = Budget.objects.get()
    assert (made.user, made.limit) == (people.owner, Decimal("12.5"))
    address = f"{BUDGETS}{made.pk}/change/"
    page = client.get(address).content.decode()
    assert 'value="12.5' in page
    assert client.post(address, form(limit="0.000001")).status_code == 302
    made.refresh_from_db()
    assert (made.user, made.limit) == (None, Decimal("0.000001"))
    assert [entry.user.get_username() for entry in LogEntry.objects.filter(object_id=made.pk)] == ["olga3", "olga3"]
    assert "0.000001" in client.get(BUDGETS).content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limit": "much"}, "Enter an amount in US dollars, such as 12.50."),
        ({"limit": "-1"}, "A budget can't be negative."),
        ({"limit": "1000001"}, "A budget can be at most 1,000,000 USD."),
        ({"together": "on", "period": "run"}, "A budget per run can't be shared"),
        ({"together": "on", "user": "owner"}, "A budget of one user (owner) can't be shared"),
        ({"group": "team", "user": "owner"}, "A budget applies to a user or a group, not both"),
        ({"name": "Known"}, "A budget with this name already exists."),
    ],
)
def test_an_invalid_budget_is_refused_with_a_reason(people: People, given: dict[str, str], words: str) -> None:
    budget("1", name="Known")
    ids = {"owner": str(people.owner.id), "team": str(Group.objects.get(name="the same team").pk)}
    answer = staff("add_budget").post(
        f"{BUDGETS}add/", form(**{key: ids.get(text, text) for key, text in given.items()})
    )
    assert answer.status_code == 200
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert Budget.objects.count() == 1


def test_a_user_with_view_permission_cannot_change_budgets(people: People) -> None:
    made = budget("1", name="Known")
    client = staff("view_budget")
    assert client.get(f"{BUDGETS}{made.pk}/change/").status_code == 200
    assert client.post(f"{BUDGETS}{made.pk}/change/", form()).status_code == 403
    assert client.get(f"{BUDGETS}add/").status_code == 403
    made.refresh_from_db()
    assert made.name == "Known"
    assert staff().get(BUDGETS).status_code == 403


def test_spending_cannot_be_changed(people: People) -> None:
    spend(people.owner.id, "0.000123")
    spend(people.neighbour.id, None, kind="model", name="house-model")
    root = Client()
    root.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    page = root.get(SPENDING).content.decode()
    assert "0.000123" in page
    assert "unknown" in page
    for query in ("kind__exact=model", f"owner__id__exact={people.owner.id}", "name__exact=house-model", "q=neigh"):
        assert root.get(f"{SPENDING}?{query}").context["cl"].result_count == 1
    assert root.get(f"{SPENDING}?cost__gt=0").status_code in (302, 400)
    row = Spend.objects.filter(cost=None).get()
    assert root.get(f"{SPENDING}{row.pk}/change/").status_code == 200
    assert root.post(f"{SPENDING}{row.pk}/change/", {}).status_code == 403
    assert root.post(f"{SPENDING}{row.pk}/delete/", {"post": "yes"}).status_code == 403
