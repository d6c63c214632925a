import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from core.models import User
from tests.conftest import People
from tests.tools.audit.attempts import record
from tools.audit.models import AuditRow, AuditSubject

pytestmark = pytest.mark.django_db

PAGE = "/admin/audit/auditrow/"


def client(*permissions: str, **options: bool) -> Client:
    user = User.objects.create(username="olga", is_staff=True, **options)
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def rows(people: People) -> People:
    record(people.owner.id, 2)
    record(people.owner.id, tool="estimate_lever", outcome="refused", code="denied", rule="policy 12")
    record(people.neighbour.id, actor_id=people.stranger.id)
    return people


def count(operator: Client, **query: str) -> int:
    found: int = operator.get(PAGE, query).context["cl"].result_count
    return found


def test_rows_are_filtered(rows: People) -> None:
    operator = client("view_auditrow")
    assert count(operator) == 4
    assert count(operator, outcome="refused") == 1
    assert count(operator, tool="estimate_lever") == 1
    assert count(operator, rule="policy 12") == 1
    assert count(operator, at__gte="2999-01-01 00:00+00:00") == 0
    subject = AuditSubject.objects.get(owner_id=rows.owner.id).subject
    for who, many in (("owner", 3), (str(rows.owner.id), 3), (subject, 3), ("stranger", 1), ("own", 0), ("%", 0)):
        assert count(operator, q=who) == many, who
    run = AuditRow.objects.filter(subject=subject)[0].run
    assert count(operator, run=run) == 2 - 1


def test_a_row_shows_its_user_and_rule(rows: People) -> None:
    operator = client("view_auditrow", "view_user")
    row = AuditRow.objects.get(tool="estimate_lever")
    page = operator.get(f"{PAGE}{row.pk}/change/").content.decode()
    for word in ("owner", row.subject, "policy 12", "denied", "0.002", row.mac):
        assert word in page
    acted = AuditRow.objects.exclude(actor="").get()
    assert "stranger" in operator.get(f"{PAGE}{acted.pk}/change/").content.decode()
    rows.owner.delete()
    page = operator.get(f"{PAGE}{row.pk}/change/").content.decode()
    assert "erased" in page


@pytest.mark.parametrize("powers", [{}, {"is_superuser": True}])
def test_no_row_can_be_changed(rows: People, powers: dict[str, bool]) -> None:
    permissions = [f"{verb}_auditrow" for verb in ("view", "add", "change", "delete")]
    operator = client(*permissions, **powers)
    row = AuditRow.objects.all()[0]
    assert operator.get(f"{PAGE}add/").status_code == 403
    assert operator.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert operator.post(f"{PAGE}{row.pk}/change/", {"outcome": "ok"}).status_code == 403
    operator.post(PAGE, {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"})
    assert AuditRow.objects.count() == 4
    assert AuditRow.objects.get(pk=row.pk).mac == row.mac


def test_a_user_without_permission_sees_nothing(rows: People) -> None:
    assert client().get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_unlisted_filters_in_the_address_are_refused(rows: People) -> None:
    operator = client("view_auditrow")
    for lookup in ("arguments__startswith", "mac", "result__contains", "subject__startswith"):
        assert operator.get(PAGE, {lookup: "a"}).status_code in (302, 400)
