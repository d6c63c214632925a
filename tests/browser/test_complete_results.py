"""A result that was cut is there in full for who asks for it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, wait_for_reports
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.running_worker import log_file, place_log
from tools.models import CallResult

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_a_cut_result_is_shown_whole_by_one_click_and_else_it_is_said_why_not(
    people: People, visit: Visit, server: LiveServer, tmp_path: Path
) -> None:
    place_log(people.owner, log_file(tmp_path, feature="mine"), server.data_dir)
    with visit(people.owner, expected=("404",)) as page:
        ask(page)
        wait_for_reports(page)
        page.locator(".run-toggle").click()
        call = page.locator("li.call", has_text="Write the report").last
        call.locator(".call-line").click()
        cut = call.get_by_text("Shortened to what a model sees.")
        expect(cut).to_be_visible()
        row = CallResult.objects.get(tool="write_report")
        CallResult.objects.update(call_id="gone")
        call.get_by_role("button", name="Show all").click()
        expect(call.get_by_role("alert")).to_contain_text("Result not found")
        row.save()
        call.get_by_role("button", name="Show all").click()
        expect(call.get_by_text("waterfall", exact=True).first).to_be_visible()
        expect(cut).to_have_count(0)
