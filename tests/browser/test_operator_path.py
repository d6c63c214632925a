"""An operator's way: a policy, its user, the question why, the audit, /ops, and consent.

The operator is staff with permissions and no superuser; the user sits at a browser of their own all the while.
"""

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from agents.models import Thread
from core.models import User
from core.versions import RuleChange
from tests.browser.conftest import Visit
from tests.browser.test_accessible import LOOKS, list_violations
from tests.browser.test_main_path import ask, wait_for_reports
from tests.browser.test_refusals import ready
from tests.conftest import People
from tests.support.running_worker import log_file
from tests.tools.spending.spend_rows import budget, spend
from tools.policy.models import Policy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

REASON = "Reports are paused until Monday."
APPS = ("policy", "audit", "spending", "agents", "operating")
LISTS = ("policy/policyversion/", "policy/plan/", "audit/auditrow/", "spending/budget/", "spending/spend/")
FORMS = (
    "policy/policy/",
    "policy/policy/add/",
    "policy/policy/why/",
    "policy/subscription/add/",
    "spending/budget/add/",
)

# What somebody types into or chooses from, and cannot see all of.
BEYOND = """() => [...document.querySelectorAll("#content form :is(input, select, textarea):not([type=hidden])")]
  .filter((one) => !one.closest("#result_list") && one.offsetWidth > 0)
  .filter((one) => one.getBoundingClientRect().right > innerWidth - 8 || one.offsetWidth < 12)
  .map((one) => one.id || one.name)"""


@pytest.fixture
def olga(people: People) -> User:
    user = User.objects.create(username="olga", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label__in=APPS))
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


def go(page: Page, path: str) -> None:
    page.goto(f"{page.url.split('/admin/')[0]}/admin/{path}")


def forbid_reports(page: Page) -> None:
    """Whom it names is written as a name; one that nobody has is refused in words.

    Only in this module's first test: when the next one begins, content types are new, and the server knows the old.
    """
    go(page, "policy/policy/add/")
    page.get_by_label("Effect:").select_option("deny")
    page.get_by_label("Tool:").select_option("write_report")
    page.get_by_label("User:").fill("nobody")
    page.get_by_label("Reason:").fill(REASON)
    page.get_by_label("Reason for this change:").fill("ticket 7")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("User 'nobody' not found.")).to_be_visible()
    page.get_by_label("User:").fill("owner")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def explain(page: Page) -> None:
    page.get_by_role("link", name="Explain a decision").click()
    page.get_by_label("User").fill("owner")
    page.get_by_label("Tool").select_option("write_report")
    page.get_by_role("button", name="Explain").click()


def act(page: Page, listing: str, action: str, why: str | None = None) -> None:
    """One of the actions of a listing, on its first row."""
    go(page, listing)
    page.locator("#result_list tbody input[type=checkbox]").first.check()
    page.get_by_label("Action:").select_option(label=action)
    if why is not None:
        page.get_by_label("Reason").fill(why)
    page.get_by_role("button", name="Go").click()


def test_a_policy_its_user_the_question_why_and_the_audit(
    people: People, olga: User, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as theirs, visit(olga, "/admin/", bypass_csp=True) as page:
        ready(theirs, log_file(tmp_path, feature="mine"))
        forbid_reports(page)
        ask(theirs)
        told = theirs.get_by_text(f"The report could not be completed. Reporting failed: {REASON}")
        expect(told).to_be_visible()

        rule = f"policy {Policy.objects.get().pk}"
        explain(page)
        decision = page.get_by_role("region", name="Decision")
        expect(decision).to_contain_text(f"Deny, decided by {rule}, version 1")
        expect(decision).to_contain_text(REASON)
        expect(page.get_by_role("row", name=rule)).to_contain_text("yes, and decides")
        assert list_violations(page) == []

        go(page, "audit/auditrow/?outcome=refused&q=owner")
        row = page.locator("#result_list tbody tr").first
        for what in ("owner", "write_report", "refused", "not_permitted", f"{rule}, version 1"):
            expect(row).to_contain_text(what)
        row.locator("th a").click()
        expect(page.get_by_role("heading", name="View audit row")).to_be_visible()
        expect(page.locator(".field-rule")).to_contain_text(rule)
        assert list_violations(page) == []

        page.goto(page.url.split("/admin/")[0] + "/")
        ask(page, "/ops allow write_report for owner because it is Monday")
        expect(page.get_by_text("Change a user's access to a tool")).to_be_visible()
        expect(page.locator(".ending")).to_contain_text("Effect now: allow")
        assert list_violations(page) == []
        theirs.get_by_role("button", name="Ask again").click()
        wait_for_reports(theirs)


def test_a_run_and_a_conversation_are_the_users_until_they_agree(
    people: People, olga: User, visit: Visit, tmp_path: Path
) -> None:
    read, asking = "Read with the user's consent", "Request the user's consent to read it"
    with visit(people.owner) as theirs, visit(olga, "/admin/", bypass_csp=True) as page:
        ready(theirs, log_file(tmp_path, feature="mine"))
        ask(theirs, "Where does my kanarienvogel go?")
        expect(theirs.get_by_role("button", name="Ask again")).to_be_visible()
        act(page, "agents/run/", "Cancel runs")
        expect(page.get_by_text("The run has already ended: completed.")).to_be_visible()
        act(page, "agents/thread/", read)
        expect(page.get_by_text("has not consented to you reading this conversation")).to_be_visible()
        act(page, "agents/thread/", asking)
        expect(page.get_by_text("No request was sent. Enter a reason; the user will see it.")).to_be_visible()
        assert "kanarienvogel" not in page.content()

        act(page, "agents/thread/", asking, "your ticket 7")
        expect(page.get_by_text("Request sent. The user answers in their chat.")).to_be_visible()
        notice = theirs.locator(".status.consent")
        expect(notice).to_contain_text("olga (administrator) requests access to your conversation")
        notice.get_by_role("button", name="Allow for 24 hours").click()
        expect(notice).to_contain_text("Read 0 times so far.")

        act(page, "agents/thread/", read)
        expect(page.get_by_role("heading", name="Conversation", exact=True)).to_be_visible()
        expect(page.locator("#content")).to_contain_text("kanarienvogel")
        assert list_violations(page) == []
        expect(notice).to_contain_text("Read 1 time so far.")
        notice.get_by_role("button", name="Withdraw").click()
        expect(notice).to_have_count(0)
        act(page, "agents/thread/", read)
        expect(page.get_by_text("has not consented to you reading this conversation")).to_be_visible()
        assert "kanarienvogel" not in page.content()
    assert Thread.objects.count() == 1


@pytest.mark.parametrize(
    ("look", "pages"),
    [
        pytest.param("desktop, light", LISTS[-2:], id="some lists"),
        pytest.param("desktop, light", LISTS, marks=pytest.mark.soak, id="lists"),
        pytest.param("phone, dark", FORMS, marks=pytest.mark.soak, id="forms"),
    ],
)
def test_the_pages_of_rules_and_money_are_for_everyone(
    people: People, olga: User, visit: Visit, look: str, pages: tuple[str, ...]
) -> None:
    budget("1", name="Trial", user=people.owner)
    spend(people.owner.id, "0.85")
    Policy(effect="deny", tool="write_report").save_version(RuleChange(actor_id=olga.id, actor="olga", why="ticket 7"))
    with visit(olga, "/admin/", bypass_csp=True, **LOOKS[look]) as page:
        found = []
        for path in pages:
            go(page, path)
            found += [(path, each) for each in list_violations(page)]
            found += [(path, f"cut off: {each}") for each in page.evaluate(BEYOND)]
        assert found == []
