"""A company's own sign-in from the door to the chat: the real server, its settings alone, and a provider over HTTP."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.models import User
from tests.accounts.company import company
from tests.browser.conftest import Visit
from tests.conftest import People
from tests.support.live_server import run_live_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_whom_the_company_knows_comes_in_and_gets_an_account(people: People, visit: Visit, tmp_path: Path) -> None:
    with company() as acme, run_live_server(tmp_path, oidc=json.dumps([acme.settings(sign_up=True)])) as server:
        for _ in range(2):
            with visit(None, at=server, expected=(acme.origin,)) as page:
                page.get_by_role("link", name="Acme").click()
                page.get_by_role("button", name="Continue").click()
                expect(page.get_by_label("Your question")).to_be_visible()
                expect(page.get_by_role("button", name="Account menu for ida")).to_be_visible()
    assert User.objects.get(email="ida@acme.example").username == "ida"
    assert {"/.well-known/openid-configuration", "/authorize", "/token"} <= set(acme.asked)
