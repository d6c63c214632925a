"""The operator's pages and the second factor in a real browser: under the policy, and for everyone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from agents.models import Message, Run, Thread
from core.models import Event, User, UserStream
from tests.browser.conftest import Visit
from tests.browser.test_accessible import LOOKS, list_violations
from tests.conftest import People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PAGES = (
    "",
    "agents/run/",
    "agents/thread/",
    "core/event/",
    "core/user/",
    "core/user/add/",
    "tools/toolcall/",
    "knox/authtoken/",
)
LISTINGS = ("agents/run/", "core/event/", "core/user/")
"""Of which one row's page is looked at."""


@pytest.fixture
def operator(people: People) -> User:
    user = people.owner
    thread = Thread.objects.create(owner=user)
    message = Message.objects.create(owner=user, thread=thread, text="?")
    run = Run.objects.create(owner=user, thread=thread, message=message, connection_id=uuid4(), assumptions={})
    stream = UserStream.objects.create(owner=user, head=1)
    base = {"owner": user, "epoch": stream.epoch, "run_id": run.id, "payload": {}, "at": datetime.now(UTC)}
    Event.objects.create(seq=1, type="tool_completed", **base)
    # States are never "queued" here: the server would take the run up.
    Run.objects.update(state="completed")
    return User.objects.create(username="olga", is_staff=True, is_superuser=True)


def visit_pages(page: Page, pages: Sequence[str] = PAGES, listings: Sequence[str] = LISTINGS) -> Iterator[str]:
    """Each of these pages, and one row of each listing: where the browser is."""
    site = page.url.split("/admin/")[0]
    for path in pages:
        page.goto(f"{site}/admin/{path}")
        yield path
    for listing in listings:
        page.goto(f"{site}/admin/{listing}")
        page.locator("#result_list tbody th a").first.click()
        expect(page.locator("#content h1")).to_be_visible()
        yield f"a row of {listing}"


def test_the_admin_keeps_the_policy(operator: User, visit: Visit) -> None:
    with visit(operator, "/admin/") as page:
        assert len(list(visit_pages(page))) > len(PAGES)


@pytest.mark.parametrize(
    ("look", "pages", "listings"),
    [
        pytest.param("phone, dark", ("", "core/event/", "core/user/add/"), LISTINGS[:1], id="a page of each kind"),
        *(pytest.param(look, PAGES, LISTINGS, marks=pytest.mark.soak, id=look) for look in LOOKS),
    ],
)
def test_the_admin_is_for_everyone(
    operator: User, visit: Visit, look: str, pages: Sequence[str], listings: Sequence[str]
) -> None:
    with visit(operator, "/admin/", bypass_csp=True, **LOOKS[look]) as page:  # the policy would keep axe out
        visited = visit_pages(page, pages, listings)
        assert [(where, found) for where in visited if (found := list_violations(page))] == []


def test_from_a_run_to_its_events_and_back(operator: User, visit: Visit) -> None:
    with visit(operator, "/admin/agents/run/") as page:
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("link", name="Events of this run").click()
        expect(page.locator("#result_list tbody tr")).to_have_count(1)
        page.locator("#result_list tbody .field-of_run a").click()
        expect(page.get_by_role("link", name="Tool calls of this run")).to_be_visible()


def test_a_token_is_made_and_revoked(people: People, visit: Visit) -> None:
    people.owner.set_password("a password of 6 words and more")
    people.owner.save()
    with visit(people.owner, "/accounts/tokens/") as page:
        page.get_by_label("Name").fill("a script")
        page.get_by_role("button", name="Create a token").click()
        page.get_by_label("Password").fill("a password of 6 words and more")
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_label("Token", exact=True)).to_be_focused()
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("You don't have any tokens yet.")).to_be_visible()
