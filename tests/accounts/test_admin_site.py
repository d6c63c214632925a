"""The admin: operators find every event and call, but no text of a user, and can change no history."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from knox.models import AuthToken

from accounts.admin_site import APP_TITLES, MODEL_TITLES
from accounts.roles import OPERATORS, set_up_roles
from agents.models import Message, Run, Step, Thread
from core.models import Event, User, UserStream
from tests.conftest import People
from tools.models import ToolCall
from workloads.models import Upload, Workload

CANARY = "kanarienvogel"
Rows = dict[type[Model], Model]
HISTORY = (Thread, Run, Event, ToolCall, Workload, Upload)


@pytest.fixture
def rows(people: People) -> Rows:
    """One row of everything, with the canary wherever a user's words may be."""
    user, now = people.owner, datetime.now(UTC)
    said = {CANARY: [CANARY, {CANARY: CANARY}]}
    words: dict[str, Any] = {"name": CANARY, "mapping": said, "form": CANARY}
    workload = Workload.objects.create(
        owner=user, source=said, preview=said, spend=said, extent=said, error=CANARY, error_code="bad_input", **words
    )
    thread = Thread.objects.create(owner=user, title=CANARY)
    message = Message.objects.create(owner=user, thread=thread, text=CANARY)
    run = Run.objects.create(
        owner=user,
        thread=thread,
        message=message,
        workload=workload,
        connection_id=uuid4(),
        assumptions=said,
        ending=said,
        locale=CANARY,
    )
    Step.objects.create(owner=user, run=run, agent="data", attempt=1, output=said, messages=said)
    stream = UserStream.objects.create(owner=user, head=2)
    payload = said | {"tool": CANARY, "outcome": CANARY, "duration_ms": CANARY, "arguments": said, "result": said}
    base = {"owner": user, "epoch": stream.epoch, "run_id": run.id, "payload": payload, "at": now}
    event = Event.objects.create(seq=1, type="run_queued", **base)
    call = ToolCall.objects.create(seq=2, type="tool_completed", **base)
    upload = Upload.objects.create(owner=user, size=10, offset=3, fingerprint=CANARY, **words)
    token, _ = AuthToken.objects.create(user=user, expiry=timedelta(days=1))
    factor = TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance
    made = (user, thread, run, event, call, workload, upload, token, factor)
    return {type(each): each for each in made}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser(db: None) -> Client:
    return client_of(User.objects.create(username="root", is_staff=True, is_superuser=True))


@pytest.fixture
def operator(db: None) -> Client:
    set_up_roles()
    user = User.objects.create(username="olga", is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATORS))
    return client_of(user)


@pytest.fixture(params=["superuser", pytest.param("operator", marks=pytest.mark.soak)])
def caller_of_admin(request: pytest.FixtureRequest) -> Client:
    client: Client = request.getfixturevalue(request.param)
    return client


def listing(model: type[Model], query: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{query}"


def page_of(row: Model) -> str:
    return listing(type(row), f"{row.pk}/change/")


def crawl(client: Client, start: str) -> Iterator[tuple[str, int, str]]:
    """Every page of the admin that can be reached by links, with no more than one filter at a time, and with one of its
    values. A list in another order, or of other rows of those that it has without a filter, shows nothing more."""
    seen, waiting = {start}, [start]
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        page = b"".join(answer) if answer.streaming else answer.content
        yield address, answer.status_code, page.decode()
        for link in re.findall(r'href="([^"#]+)"', page.decode()):
            target = urljoin(address, unescape(link))
            kind = re.sub(r"=[^&]*", "=", target)
            is_new = target.startswith("/admin/") and kind not in seen and not re.search(r"[?&]o=", target)
            if is_new and not ("?" in address and "?" in target):
                seen.add(kind)
                waiting.append(target)


@pytest.mark.long
def test_no_page_shows_a_users_text(rows: Rows, caller_of_admin: Client) -> None:
    pages = {address: (status, page) for address, status, page in crawl(caller_of_admin, "/admin/")}
    reached = {page_of(row) for row in rows.values()}
    assert reached <= pages.keys()
    assert {address for address, (status, _) in pages.items() if status not in (200, 302)} == set()
    assert [address for address, (_, page) in pages.items() if CANARY in page] == []
    assert not any("JBSWY3DPEHPK3PXP" in page for _, page in pages.values())


@pytest.mark.parametrize("model", HISTORY)
@pytest.mark.parametrize("wanted", [CANARY, CANARY[:4], "%", "_"])
def test_no_search_finds_a_users_text(rows: Rows, superuser: Client, model: type[Model], wanted: str) -> None:
    assert superuser.get(listing(model), {"q": wanted}).context["cl"].result_count == 0


@pytest.mark.parametrize("model", HISTORY)
def test_no_filter_from_the_address_is_an_oracle(rows: Rows, superuser: Client, model: type[Model]) -> None:
    fields = [field for field in model._meta.get_fields() if field.concrete and not field.is_relation]
    allowed = {"id", "state", "degraded", "created_at", "at", "run_id", "type", "pk"}
    for field in fields:
        if field.name in allowed:
            continue
        for lookup in ("", "__startswith", "__contains", "__icontains", "__regex", "__isnull", "__gt"):
            answer = superuser.get(listing(model), {f"{field.name}{lookup}": CANARY[:3]})
            assert answer.status_code in (302, 400), f"{field.name}{lookup}"
    if model in (Event, ToolCall):
        assert superuser.get(listing(model), {"payload__arguments__contains": CANARY}).status_code in (302, 400)
    if model is Run:
        for lookup in ("message__text__startswith", "thread__title__startswith", "owner__password__startswith"):
            assert superuser.get(listing(model), {lookup: CANARY[:3]}).status_code in (302, 400)


def test_a_password_hash_cannot_be_guessed_by_filters(rows: Rows, superuser: Client) -> None:
    for lookup in ("password__startswith", "password", "email__contains", "groups__name"):
        assert superuser.get("/admin/core/user/", {lookup: "p"}).status_code in (302, 400)


FOUND_BY: dict[type[Model], tuple[Callable[[Any], str], ...]] = {
    Thread: (lambda row: str(row.id), lambda row: str(row.owner_id), lambda row: "own"),
    Run: (lambda row: str(row.id), lambda row: str(row.thread_id), lambda row: row.id.hex, lambda row: "own"),
    Event: (lambda row: str(row.run_id), lambda row: str(row.owner_id), lambda row: "own"),
    ToolCall: (lambda row: str(row.run_id), lambda row: str(row.owner_id), lambda row: "own"),
    Workload: (lambda row: str(row.id), lambda row: str(row.owner_id), lambda row: "own"),
    Upload: (lambda row: str(row.id), lambda row: str(row.owner_id), lambda row: "own"),
    User: (lambda row: str(row.id), lambda row: "own"),
    AuthToken: (lambda row: str(row.user_id), lambda row: "own"),
}


@pytest.mark.parametrize("model", FOUND_BY)
def test_rows_are_found_by_id_and_user(rows: Rows, superuser: Client, model: type[Model]) -> None:
    for ask in FOUND_BY[model]:
        found = superuser.get(listing(model), {"q": ask(rows[model])}).context["cl"].queryset
        assert rows[model].pk in found.values_list("pk", flat=True), ask(rows[model])
    assert superuser.get(listing(model), {"q": str(uuid4())}).context["cl"].result_count == 0


def test_runs_are_found_by_state_and_time(rows: Rows, superuser: Client) -> None:
    def count(**query: str) -> int:
        found: int = superuser.get(listing(Run), query).context["cl"].result_count
        return found

    assert (count(state__exact="queued"), count(state__exact="failed")) == (1, 0)
    assert (count(created_at__year=str(datetime.now(UTC).year)), count(created_at__year="1999")) == (1, 0)


def test_tool_calls_are_found_by_outcome(rows: Rows, superuser: Client) -> None:
    ToolCall.objects.update(payload={"tool": "price_workload", "outcome": "timeout", "duration_ms": 7})
    found = superuser.get(listing(ToolCall), {"outcome": "timeout"})
    assert found.context["cl"].result_count == 1
    assert "price_workload" in found.content.decode()
    assert superuser.get(listing(ToolCall), {"outcome": "ok"}).context["cl"].result_count == 0


@pytest.mark.parametrize("model", HISTORY)
def test_history_cannot_be_changed_by_anybody(rows: Rows, superuser: Client, model: type[Model]) -> None:
    row = rows[model]
    assert superuser.get(listing(model, "add/")).status_code == 403
    assert superuser.post(page_of(row), {"state": "failed"}).status_code == 403
    assert superuser.post(listing(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    act = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    superuser.post(listing(model), act)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_users_cannot_be_deleted_in_the_admin(rows: Rows, superuser: Client) -> None:
    user = rows[User]
    assert superuser.post(listing(User, f"{user.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_a_superuser_creates_and_deactivates_accounts(rows: Rows, superuser: Client) -> None:
    wanted = {"username": "new", "usable_password": "true", "password1": "a horse 42 x", "password2": "a horse 42 x"}
    superuser.post("/admin/core/user/add/", wanted)
    made = User.objects.get(username="new")
    superuser.post(page_of(made), {"username": "new", "display_name": "N", "email": ""})  # is_active left out: off
    made.refresh_from_db()
    assert (made.is_active, made.display_name) == (False, "N")


def test_operators_can_view_but_not_change(rows: Rows, operator: Client) -> None:
    user = rows[User]
    assert operator.get(page_of(user)).status_code == 200
    assert operator.post(page_of(user), {"username": "owned"}).status_code == 403
    assert operator.get("/admin/core/user/add/").status_code == 403
    assert operator.get(f"/admin/core/user/{user.pk}/password/").status_code == 403
    for model in (AuthToken, type(rows[User])):
        assert operator.post(listing(model, f"{rows[model].pk}/delete/"), {"post": "yes"}).status_code == 403
    assert operator.get("/admin/auth/group/").status_code == 403


def test_permission_to_change_users_does_not_make_a_superuser(rows: Rows, db: None) -> None:
    helper = User.objects.create(username="helper", is_staff=True)
    helper.user_permissions.add(*Permission.objects.filter(codename__in=("change_user", "view_user")))
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client = client_of(helper)
    client.post(page_of(helper), {"username": "helper", "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    helper.refresh_from_db()
    assert not helper.is_superuser
    assert client.get(f"/admin/core/user/{root.pk}/password/").status_code == 403
    assert client.post(page_of(root), {"username": "mine"}).status_code == 403


def test_a_superuser_removes_a_token_and_a_lost_factor(rows: Rows, superuser: Client) -> None:
    for model in rows:
        if model._meta.app_label in ("knox", "mfa"):
            superuser.post(listing(model, f"{rows[model].pk}/delete/"), {"post": "yes"})
            assert not model._default_manager.exists()


def test_users_who_are_not_staff_are_sent_to_the_sign_in(people: People) -> None:
    client = client_of(people.owner)
    for model in (User, *HISTORY):
        assert client.get(listing(model)).status_code == 302


def test_pages_of_an_event_lead_to_its_run_and_back(rows: Rows, superuser: Client) -> None:
    def links(row: Model) -> str:
        return unescape(superuser.get(page_of(row)).content.decode())

    run = rows[Run]
    assert page_of(run) in links(rows[Event])
    assert page_of(rows[Thread]) in links(run)
    assert listing(Event, f"?run_id={run.pk}") in links(run)
    assert superuser.get(listing(Event), {"run_id": str(run.pk)}).context["cl"].result_count == 2
    assert superuser.get(listing(Run), {"thread__id__exact": str(rows[Thread].pk)}).context["cl"].result_count == 1


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_an_empty_field_to_find_a_row_by_is_refused(rows: Rows, superuser: Client, page: str) -> None:
    for row in rows.values():
        if type(row) not in admin.site._registry:
            continue
        address = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{page}/"
        assert superuser.get(address, {"_to_field": ""}).status_code == 400
        assert superuser.post(address, {"_to_field": ""}).status_code == 400


def test_only_reviewed_pages_are_registered() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {
        *(
            "core.User",
            "core.Event",
            "core.IsolationIncident",
            "agents.Thread",
            "agents.Run",
            "agents.Feedback",
            "tools.ToolCall",
        ),
        *("workloads.Workload", "workloads.Upload", "knox.AuthToken", "mfa.Authenticator", "auth.Group"),
        *("legacy.LegacyUse", "legacy.RolloutRule", "legacy.RolloutVersion", "legacy.RunPath", "legacy.ShadowResult"),
        *("policy.Policy", "policy.PolicyVersion", "policy.Plan", "policy.Subscription"),
        *("audit.AuditRow", "operating.Consent", "spending.Spend", "spending.Budget"),
    }


def test_the_index_has_titles_of_its_own_for_registered_models(superuser: Client) -> None:
    assert set(MODEL_TITLES) <= {model._meta.label_lower for model in admin.site._registry}
    assert set(APP_TITLES) <= {model._meta.app_label for model in admin.site._registry}
    page = superuser.get("/admin/").content.decode()
    assert "<h1>Administration</h1>" in page
    assert all(f">{title}<" in page for title in MODEL_TITLES.values())
    for label, title in MODEL_TITLES.items():
        assert f"<h1>{title}</h1>" in superuser.get(f"/admin/{label.replace('.', '/')}/").content.decode()


def test_operators_may_view_every_model(db: None) -> None:
    set_up_roles()
    seen = Group.objects.get(name=OPERATORS).permissions.values_list("codename", flat=True)
    assert not any(codename.startswith(("add_", "change_", "delete_")) for codename in seen)
    assert {"view_run", "view_event", "view_toolcall", "view_workload", "view_upload", "view_user"} <= set(seen)
