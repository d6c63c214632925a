"""Headers of every answer, requests that are refused unread, and the answer where no route matches."""

import re
import time
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory
from django.utils.http import parse_http_date
from pytest_django import Settings

from core.models import User
from netra.middleware.validation import BodyLimitMiddleware
from netra.origins import build_csp
from netra.server.limits import BODY_BYTES
from tests.conftest import People
from workloads.uploads import PART_BYTES

ROOT = Path(__file__).parents[3]
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def directives(answer: HttpResponseBase) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.fixture
def root(people: People) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/", "/api/me/", "/api/schema/", "/nothing/", "/admin/"])
def test_every_page_is_under_the_policy(root: Client, path: str) -> None:
    before = int(time.time())
    answer = root.get(path)
    after = time.time()
    told = directives(answer)
    assert {name: told.get(name) for name in STRICT} == STRICT
    assert told["connect-src"].startswith("'self'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert before <= parse_http_date(answer["Date"]) <= after


@pytest.mark.parametrize(("path", "required"), [("/accounts/", True), ("/api/me/", True), ("/admin/", False)])
def test_trusted_types_are_required_but_in_the_admin(root: Client, path: str, required: bool) -> None:
    told = directives(root.get(path))
    assert (told.get("require-trusted-types-for") == "'script'") is required
    assert (told.get("trusted-types") == "dompurify netra") is required


def test_websockets_of_our_own_origins_are_named() -> None:
    assert build_csp(["https://a.example"])["connect-src"] == ("'self'", "wss://a.example")


def test_no_template_of_ours_has_a_script_or_style_inline() -> None:
    for folder in ("netra", "realtime"):
        for template in (ROOT / folder).rglob("templates/**/*.html"):
            text = template.read_text()
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), template
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), template


@pytest.mark.parametrize("path", ["/accounts/", "/api/me/", "/api/tokens/"])
def test_what_is_made_for_one_person_is_kept_by_no_cache(root: Client, path: str) -> None:
    assert "no-store" in root.get(path)["Cache-Control"]


def test_cookies_are_for_the_server_only(people: People) -> None:
    client = Client()
    client.get("/accounts/login/")
    assert client.cookies["netra_csrf"]["httponly"]
    assert client.cookies["netra_csrf"]["samesite"] == "Lax"


class TestBodies:
    def get_status(self, method: str, path: str, **meta: str) -> int:
        request: HttpRequest = getattr(RequestFactory(), method)(path)
        request.META.pop("CONTENT_LENGTH", None)
        request.META.update(meta)
        return BodyLimitMiddleware(lambda _: HttpResponse(status=200))(request).status_code  # type: ignore[union-attr]

    @pytest.mark.parametrize("path", ["/api/runs/", "/accounts/login/", "/api/uploads/", "/admin/", "/"])
    def test_more_than_a_megabyte_is_refused(self, path: str) -> None:
        assert self.get_status("post", path, CONTENT_LENGTH=str(BODY_BYTES)) == 200
        assert self.get_status("post", path, CONTENT_LENGTH=str(BODY_BYTES + 1)) == 413

    def test_a_part_of_a_log_may_have_more(self) -> None:
        part = "/api/uploads/8b8b5f5e-6a0c-4a37-a4a9-5e3fd4b7f0a1/"
        assert self.get_status("patch", part, CONTENT_LENGTH=str(PART_BYTES)) == 200
        assert self.get_status("patch", part, CONTENT_LENGTH=str(PART_BYTES + 1)) == 413
        assert self.get_status("post", part, CONTENT_LENGTH=str(PART_BYTES)) == 413
        assert self.get_status("patch", part + "x/", CONTENT_LENGTH=str(PART_BYTES)) == 413

    @pytest.mark.parametrize("meta", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"CONTENT_LENGTH": "-1"}])
    def test_a_body_of_unknown_length_is_refused(self, meta: dict[str, str]) -> None:
        assert self.get_status("post", "/api/runs/", **meta) == 411

    def test_it_is_said_in_words(self, root: Client) -> None:
        answer = root.post("/api/runs/", b" " * (BODY_BYTES + 1), content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


class TestNothingHere:
    def test_a_program_is_told_in_json(self, root: Client) -> None:
        answer = root.get("/api/nothing/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_a_person_is_told_in_a_page(self, client: Client, db: None) -> None:
        answer = client.get("/<script>alert(1)</script>/")
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "Page not found" in page
        assert "alert(1)" not in page

    @pytest.mark.parametrize("path", ["/api/me/", "/accounts/"])
    def test_a_defect_tells_nothing_of_itself(
        self, root: Client, path: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: object) -> None:
            raise RuntimeError("hush-hush")

        monkeypatch.setattr("accounts.api.get_signed_in_user", broken)
        monkeypatch.setattr("accounts.views.get_signed_in_user", broken)
        root.raise_request_exception = False
        answer = root.get(path)
        assert answer.status_code == 500
        assert "hush" not in answer.content.decode()
        assert "Something went wrong on our side" in answer.content.decode()

    def test_a_host_that_is_not_ours_is_not_answered(self, client: Client, db: None) -> None:
        assert client.get("/accounts/login/", headers={"Host": "evil.example"}).status_code == 400


def test_static_files_come_whole(client: Client, db: None) -> None:
    answer = client.get("/static/netra-admin/admin.css")
    assert (answer.status_code, answer.streaming) == (200, False)
    assert answer["Content-Type"].startswith("text/css")
    again = client.get("/static/netra-admin/admin.css", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/../settings.py").status_code == 404


def test_the_admin_has_the_pages_colours() -> None:
    def colours(file: str) -> set[str]:
        return set(re.findall(r"#[0-9a-f]{6}\b", (ROOT / file).read_text()))

    tokens = colours("frontend/src/css/tokens.css")
    assert colours("core/static/netra-admin/admin.css") - tokens == set()
    assert tokens


def test_one_user_is_slowed_down_and_not_the_others(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache
    from rest_framework.throttling import UserRateThrottle

    cache.clear()
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "3/minute"})
    client, other = Client(), Client()
    client.force_login(people.owner)
    other.force_login(people.neighbour)
    told = [client.get("/api/me/") for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert told[-1].json()["code"] == "throttled"
    assert other.get("/api/me/").status_code == 200
    cache.clear()
