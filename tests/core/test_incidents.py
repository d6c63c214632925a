"""An isolation incident is written down, told to the operators and open until one of them has looked at it."""

import logging
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from core import incidents
from core.models import IsolationIncident, User
from tests.conftest import People

PAGE = "/admin/core/isolationincident/"


@pytest.fixture(autouse=True)
def administrators(settings: Settings) -> Iterator[None]:
    settings.ADMINS = [("ops@netra.example", "ops@netra.example")]
    yield
    wait_for_mails()


def wait_for_mails() -> list[Any]:
    """The mails, once they are all sent."""
    for thread in threading.enumerate():
        if thread.name == "incident-mail":
            thread.join(10)
    return list(mail.outbox)


def record_one(**given: Any) -> IsolationIncident:
    """One more, and its row."""
    before = set(IsolationIncident.objects.values_list("pk", flat=True))
    incidents.record_incident(
        **{"kind": "foreign_batch", "where": "realtime.delivery", "expected": None, "found": None} | given
    )
    return IsolationIncident.objects.exclude(pk__in=before).get()


def test_an_incident_is_stored_logged_and_mailed(people: People, caplog: pytest.LogCaptureFixture) -> None:
    connection = uuid4()
    row = record_one(expected=people.owner.id, found=people.neighbour.id, connection_id=connection)
    assert (row.expected_user, row.found_user, row.connection_id) == (people.owner.id, people.neighbour.id, connection)
    assert (row.kind, row.where, row.acknowledged_at) == ("foreign_batch", "realtime.delivery", None)
    logged = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert [str(row.id) in each.getMessage() for each in logged] == [True]
    (letter,) = wait_for_mails()
    assert letter.to == ["ops@netra.example"]
    assert letter.subject == "Netra: isolation incident: foreign_batch"
    assert f"{PAGE}{row.id}/change/" in letter.body
    assert str(people.owner.id) not in letter.body


def test_an_incident_keeps_the_ids_of_deleted_users(people: People) -> None:
    row = record_one(expected=people.owner.id, found=uuid4())
    people.owner.delete()
    assert IsolationIncident.objects.get(pk=row.pk).expected_user == row.expected_user


@pytest.mark.django_db
def test_repeated_incidents_send_one_mail_per_kind_and_place() -> None:
    first = record_one()
    for _ in range(5):
        record_one()
    record_one(where="elsewhere")
    assert len(wait_for_mails()) == 2
    assert incidents.count_open_incidents() == 7
    for each in IsolationIncident.objects.filter(where=first.where):
        incidents.acknowledge_incident(each.id, "olga")
    record_one()
    assert len(wait_for_mails()) == 3


@pytest.mark.django_db
def test_a_mail_that_fails_is_logged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = "tests.core.test_incidents.no_such_backend"
    row = record_one()
    wait_for_mails()
    assert f"the mail about isolation incident {row.id} could not be sent" in caplog.text


@pytest.mark.django_db
def test_no_mail_is_sent_without_admins(settings: Settings) -> None:
    settings.ADMINS = []
    record_one()
    assert wait_for_mails() == []


@pytest.mark.django_db(transaction=True)
def test_a_rollback_does_not_remove_an_incident(caplog: pytest.LogCaptureFixture) -> None:
    """Within a transaction it says so, and is logged and mailed all the same."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        incidents.record_incident("foreign_batch", where="here", expected=None, found=None)
    assert "isolation incident" in caplog.text
    assert len(wait_for_mails()) == 1


@pytest.mark.django_db
def test_the_first_acknowledgement_counts() -> None:
    row = record_one()
    assert incidents.count_open_incidents() == 1
    assert incidents.acknowledge_incident(row.id, "olga")
    assert not incidents.acknowledge_incident(row.id, "otto")
    assert not incidents.acknowledge_incident(uuid4(), "otto")
    row.refresh_from_db()
    assert (row.acknowledged_by, incidents.count_open_incidents()) == ("olga", 0)
    assert row.acknowledged_at is not None


class TestAdmin:
    def client(self, *permissions: str) -> Client:
        user = User.objects.create(username="olga", is_staff=True)
        user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
        client = Client()
        client.force_login(user)
        return client

    def acknowledge(self, client: Client, row: UUID) -> int:
        return client.post(PAGE, {"action": "acknowledge", "_selected_action": [str(row)]}).status_code

    def test_a_user_with_permission_acknowledges(self, db: None) -> None:
        row = record_one()
        client = self.client("view_isolationincident", "acknowledge_isolationincident")
        assert b"Acknowledge" in client.get(PAGE).content
        assert self.acknowledge(client, row.id) == 302
        row.refresh_from_db()
        assert row.acknowledged_by == "olga"

    def test_a_user_with_view_permission_cannot_acknowledge(self, people: People) -> None:
        row = record_one(expected=people.owner.id)
        client = self.client("view_isolationincident")
        page = client.get(f"{PAGE}{row.id}/change/").content.decode()
        assert str(people.owner.id) in page
        assert b"Acknowledge<" not in client.get(PAGE).content
        self.acknowledge(client, row.id)
        assert incidents.count_open_incidents() == 1

    def test_a_user_without_permission_sees_nothing(self, db: None) -> None:
        row = record_one()
        client = self.client()
        assert client.get(PAGE).status_code == 403
        assert self.acknowledge(client, row.id) == 403
        assert incidents.count_open_incidents() == 1

    def test_an_incident_cannot_be_changed_or_deleted(self, db: None) -> None:
        row, client = record_one(), Client()
        client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
        assert client.get(f"{PAGE}add/").status_code == 403
        assert client.post(f"{PAGE}{row.id}/change/", {"acknowledged_by": "nobody"}).status_code == 403
        assert client.post(f"{PAGE}{row.id}/delete/", {"post": "yes"}).status_code == 403
        client.post(PAGE, {"action": "delete_selected", "_selected_action": [str(row.id)], "post": "yes"})
        assert incidents.count_open_incidents() == 1

    def test_incidents_are_filtered_by_acknowledgement(self, db: None) -> None:
        done, still = record_one(), record_one(where="elsewhere")
        incidents.acknowledge_incident(done.id, "olga")
        client = self.client("view_isolationincident")
        for answer, row in (("yes", done), ("no", still)):
            assert list(client.get(PAGE, {"acknowledged": answer}).context["cl"].queryset) == [row]
        assert client.get(PAGE, {"acknowledged_by": "olga"}).status_code == 400
