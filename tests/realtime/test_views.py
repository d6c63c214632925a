import re

import pytest
from django.test import Client

from tests.conftest import People


@pytest.fixture
def shell(client: Client, people: People) -> str:
    client.force_login(people.owner)
    return client.get("/").content.decode()


@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_the_shell_links_the_bundle_and_carries_the_token_for_writes(shell: str) -> None:
    assert re.search(r'<meta name="csrf-token" content="\w{64}">', shell)
    assert '<script type="module" src="/static/netra/chat.js">' in shell
    assert '<link rel="stylesheet" href="/static/netra/chat.css">' in shell


def test_the_shell_has_nothing_inline_and_nothing_of_the_user(shell: str, people: People) -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", shell)
    assert people.owner.display_name not in shell
    assert str(people.owner.id) not in shell


def test_the_token_it_carries_is_taken(people: People) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people.owner)
    found = re.search(r'name="csrf-token" content="(\w+)"', browser.get("/").content.decode())
    assert found is not None
    made = browser.post("/api/threads/", data={}, content_type="application/json", HTTP_X_CSRFTOKEN=found[1])
    assert made.status_code == 201


def test_the_shell_is_never_cached_and_only_read(client: Client, people: People) -> None:
    client.force_login(people.owner)
    assert "no-store" in client.get("/")["Cache-Control"]
    assert client.post("/").status_code == 405


def test_the_shell_comes_under_the_strict_policy(client: Client, people: People) -> None:
    client.force_login(people.owner)
    policy = client.get("/")["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "unsafe" not in policy
