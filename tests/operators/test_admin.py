"""Operators' actions on pages of the admin."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from agents.models import Run
from core.models import User
from operators import consents
from operators.models import Consent, ConsentUse
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.operators.operators import forbid, list_audit_rows, operator

pytestmark = pytest.mark.django_db

SECRET = "kanarienvogel <b>bold</b>"
SEES = ("view_run", "view_thread", "view_consent", "view_user")


@pytest.fixture
def olga(people: People) -> User:
    user = operator("olga", "cancel_run", "ask_consent", "read_conversation")
    user.user_permissions.add(*Permission.objects.filter(codename__in=SEES))
    return user


@pytest.fixture
def page(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def act(page: Client, model: str, action: str, row: object, **more: str) -> str:
    answer = page.post(f"/admin/agents/{model}/", {"action": action, "_selected_action": str(row), **more}, follow=True)
    return answer.content.decode()


def test_an_action_cancels_a_run(people: People, page: Client) -> None:
    run = queue_run(people.owner)
    assert "Cancelling 1 run." in act(page, "run", "cancel", run.id)
    assert Run.objects.get().state == "cancelled"
    assert "already ended" in act(page, "run", "cancel", run.id)
    assert [row[:2] for row in list_audit_rows(people.owner)] == [("cancel_run", "ok"), ("cancel_run", "failed")]


def test_an_action_needs_its_permission(people: People, olga: User, page: Client) -> None:
    run = queue_run(people.owner)
    forbid(olga, "cancel_run")
    act(page, "run", "cancel", run.id)
    act(page, "run", "cancel", uuid4())
    assert Run.objects.get().state == "queued"


def test_a_conversation_is_read_once_its_user_has_consented(people: People, page: Client) -> None:
    thread = queue_run(people.owner, SECRET).thread_id
    assert "not consented" in act(page, "thread", "read", thread)
    assert "Invalid arguments" in act(page, "thread", "ask_consent", thread, why="x")
    assert "Request sent. The user answers" in act(page, "thread", "ask_consent", thread, why="ticket 7")
    (asked,) = Consent.objects.all()
    consents.give_consent(people.owner.id, asked.id, 1)
    shown = act(page, "thread", "read", thread)
    assert "kanarienvogel &lt;b&gt;bold&lt;/b&gt;" in shown
    assert SECRET not in shown
    assert ConsentUse.objects.count() == 1
    consents.withdraw_consent(people.owner.id, asked.id)
    assert "kanarienvogel" not in act(page, "thread", "read", thread)


def test_the_page_of_a_conversation_is_not_stored(people: People, page: Client, olga: User) -> None:
    thread = queue_run(people.owner, SECRET).thread_id
    consents.give_consent(people.owner.id, consents.ask_consent(olga.id, people.owner.id, None, "ticket 7").id, 1)
    answer = page.post("/admin/agents/thread/", {"action": "read", "_selected_action": str(thread)})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_consents_can_be_viewed_but_not_changed(people: People, olga: User, page: Client) -> None:
    asked = consents.ask_consent(olga.id, people.owner.id, None, "ticket 7")
    path = "/admin/operating/consent/"
    assert page.get(path).status_code == page.get(f"{path}{asked.id}/change/").status_code == 200
    assert page.post(f"{path}{asked.id}/change/", {"given_at": "2026-01-01"}).status_code == 403
    assert page.get(f"{path}add/").status_code == 403
    asked.refresh_from_db()
    assert asked.given_at is None
