"""A user who is refused reads why, what an upgrade would allow, what is nearly spent, and what a run cost."""

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.test_accessible import LOOKS, list_violations
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from tests.support.running_worker import log_file
from tests.tools.spending.spend_rows import budget, spend
from tools.policy.models import Plan, PlanAllowance, Subscription

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

UPGRADE = "“Estimate savings” isn't included in the Free plan. Upgrade to Pro."


def ready(page: Page, file: Path) -> None:
    upload_file(page, file)
    expect(page.get_by_text("20 requests").first).to_be_visible()


def get_failure_message(page: Page) -> str:
    told = page.locator(".ending.message.bad")
    expect(told).to_be_visible()
    return told.inner_text()


def test_what_a_plan_lacks_is_said_where_it_is_missed(people: People, visit: Visit, tmp_path: Path) -> None:
    Subscription.objects.create(user=people.owner, plan=Plan.objects.get(slug="free"))
    with visit(people.owner, bypass_csp=True, **LOOKS["phone, dark"]) as page:
        ready(page, log_file(tmp_path, feature="mine"))
        ask(page)
        wait_for_reports(page)
        warning = page.locator(".rp-warning")
        expect(warning).to_contain_text("This report is incomplete.")
        expect(warning).to_contain_text(UPGRADE)
        assert list_violations(page) == []
        page.reload()
        expect(page.locator(".rp-warning")).to_contain_text(UPGRADE)
        page.locator(".run-toggle").click()
        refused = page.locator(".call.refused").first
        expect(refused).to_contain_text("refused")
        expect(refused).to_contain_text(UPGRADE)
        assert list_violations(page) == []
        wide, shown = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= shown
    run = Run.objects.get()
    assert (run.state, run.degraded) == ("completed", True)
    assert UPGRADE in str(run.ending)


@pytest.mark.soak
def test_a_quota_says_when_there_is_room_again(people: People, visit: Visit, tmp_path: Path) -> None:
    PlanAllowance.objects.filter(plan__is_default=True).update(per_minute=1)
    with visit(people.owner) as page:
        ready(page, log_file(tmp_path, feature="mine"))
        ask(page)
        wait_for_reports(page)
        expect(page.locator(".rp-warning")).to_contain_text("per minute. Try again in")
        ask(page)
        assert "Limit reached: 1 call of describe_log per minute. Try again in" in get_failure_message(page)


def test_a_budget_warns_then_refuses_and_a_run_says_what_it_cost(people: People, visit: Visit, tmp_path: Path) -> None:
    month = budget("1", name="Trial", user=people.owner)
    spend(people.owner.id, "0.85")
    with visit(people.owner, bypass_csp=True) as page:
        ready(page, log_file(tmp_path, feature="mine"))
        ask(page)
        wait_for_reports(page)
        near = page.locator(".budget-near")
        expect(near).to_have_text("$0.85 of the $1.00 budget “Trial” is used.")
        expect(page.get_by_text("cost $")).to_have_count(0)
        spend(people.owner.id, "0.0423", Run.objects.get().id)
        page.reload()
        expect(page.locator(".run-words")).to_contain_text("cost $0.042")
        page.locator(".run-toggle").click()
        expect(near).to_have_count(1)
        assert list_violations(page) == []
        spend(people.owner.id, "0.2")
        page.locator(".run-toggle").click()
        ask(page)
        told = get_failure_message(page)
        assert "Monthly budget “Trial” ($1.00) is used up: $1.0923 spent. It resets on" in told
        assert list_violations(page) == []
        month.limit = Decimal(2)
        month.save()
        page.get_by_role("button", name="Try again").click()
        wait_for_reports(page, reports=2)
