"""A question that is asked while its file, or a change of its prices, is still on its way."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.held_requests import HeldRequests
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.running_worker import log_file, place_log

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PRICES = "**/api/workloads/*/assumptions/"
PARTS = "**/api/uploads/*/"  # what is sent of a file; the upload itself is announced
WAITS = "Starts once the file has been uploaded"


def test_it_waits_for_the_file_and_is_not_asked_of_an_older_one(
    people: People, visit: Visit, server: LiveServer, tmp_path: Path
) -> None:
    older = place_log(people.owner, log_file(tmp_path / "older", feature="older"), server.data_dir)
    with visit(people.owner) as page:
        held = HeldRequests(page, PARTS)
        upload_file(page, log_file(tmp_path, feature="fresh", rows=30))
        part = held.next()
        expect(page.get_by_role("form", name="Ask").get_by_text("uploading,")).to_be_visible()
        for place in (page.get_by_role("complementary", name="Selected log"), page.locator("main")):
            expect(place.get_by_role("progressbar", name="Uploading")).to_be_visible()
            expect(place.get_by_text("20 requests")).to_have_count(0)  # of the older one
        ask(page)
        expect(page.get_by_text(WAITS)).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        part.continue_()
        wait_for_reports(page)
        assert "fresh" in page.locator("main").inner_text()
    assert Run.objects.get().workload_id not in (None, older.id)


def test_where_the_file_does_not_arrive_nothing_is_asked_and_nothing_lost(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner, expected=("ERR_FAILED",)) as page:
        held = HeldRequests(page, PARTS)
        upload_file(page, log_file(tmp_path, feature="fresh"))
        held.next()
        ask(page, "Cut my spend by 30 %")
        expect(page.get_by_text(WAITS)).to_be_visible()
        page.reload()
        expect(page.get_by_text("The file was not uploaded, so your question was not sent.")).to_be_visible()
        expect(page.get_by_text("Cut my spend by 30 %").first).to_be_visible()
    assert not Run.objects.exists()


def test_it_waits_for_the_prices_that_were_saved_before_it_and_applies_them(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as page:
        upload_file(page, log_file(tmp_path, feature="mine", rows=10, tokens=1_000_000))
        expect(page.get_by_text("10 requests").first).to_be_visible()
        held = HeldRequests(page, PRICES)
        page.get_by_text("Your prices and discount").click()
        page.get_by_label("Input", exact=True).fill("1")
        page.get_by_label("Output", exact=True).fill("2")
        page.get_by_role("button", name="Save").click()
        change = held.next()
        ask(page, "Cut my spend by 30 %")
        expect(page.locator("main").get_by_text("Cut my spend by 30 %").first).to_be_visible()
        page.wait_for_timeout(500)  # a question that does not wait is on its way by now
        assert not Run.objects.exists()
        change.continue_()
        wait_for_reports(page)
        expect(page.locator("main").get_by_text("$10.00", exact=False).first).to_be_visible()
    assert Run.objects.get().assumptions["price_in"] == "1"
