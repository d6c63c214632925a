import re

import pytest
from django.test import Client

from tests.conftest import People


@pytest.fixture
def shell(client: Client, people: People) -> str:
    client.force_login(people.owner)
    return client.get("/").content.decode()


@pytest.mark.django_db
def test_an_anonymous_visitor_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_the_page_links_the_bundle_and_has_a_csrf_token(shell: str) -> None:
    assert re.search(r'<meta name="csrf-token" content="\w{64}">', shell)
    assert '<script type="module" src="/static/netra/chat.js">' in shell
    assert '<link rel="stylesheet" href="/static/netra/chat.css">' in shell


def test_the_page_has_no_inline_code_and_no_user_data(shell: str, people: People) -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", shell)
    assert people.owner.display_name not in shell
    assert str(people.owner.id) not in shell


def test_the_pages_csrf_token_is_accepted(people: People) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people.owner)
    found = re.search(r'name="csrf-token" content="(\w+)"', browser.get("/").content.decode())
    assert found is not None
    made = browser.post("/api/threads/", data={}, content_type="application/json", HTTP_X_CSRFTOKEN=found[1])
    assert made.status_code == 201


def test_the_page_is_not_cached_and_allows_only_reads(client: Client, people: People) -> None:
    client.force_login(people.owner)
    assert "no-store" in client.get("/")["Cache-Control"]
    assert client.post("/").status_code == 405


def test_the_page_has_the_strict_policy(client: Client, people: People) -> None:
    client.force_login(people.owner)
    policy = client.get("/")["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "unsafe" not in policy
