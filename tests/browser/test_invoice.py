"""A log is compared with its invoice: added next to the log, told in the report, removed again."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from workloads.models import Invoice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

LOG = "timestamp,model,input_tokens,output_tokens\n" + "".join(
    f"2026-01-0{day}T10:00:0{n}Z,gpt-4o,100000,1000\n" for day in (1, 2, 3) for n in range(4)
)
"""Twelve calls of $0.26, $1.04 a day."""
COSTS = (
    "start_time_iso,amount_value,amount_currency,line_item\n"
    + "".join(f'2026-01-0{day}T00:00:00+00:00,1.04,usd,"gpt-4o"\n' for day in (1, 2, 3, 4))
    + '2026-01-04T00:00:00+00:00,0.5,usd,"web search tool calls"\n'
)


def test_an_invoice_is_added_compared_and_removed(people: People, visit: Visit, tmp_path: Path) -> None:
    (log := tmp_path / "log.csv").write_text(LOG)
    (costs := tmp_path / "costs.csv").write_text(COSTS)
    with visit(people.owner, expected=("400",)) as page:
        upload_file(page, log)
        expect(page.get_by_text("12 requests").first).to_be_visible()
        panel = page.locator(".log-invoice")
        panel.locator("input[type=file]").set_input_files(log)
        expect(panel.get_by_role("alert")).to_contain_text("This is not a cost export")
        panel.locator("input[type=file]").set_input_files(costs)
        expect(panel).to_contain_text("costs.csv: $4.66")
        ask(page, "Does this match my invoice?")
        wait_for_reports(page)
        report = page.locator(".rp")
        expect(report.get_by_text("$4.66 billed, $3.12 logged: a difference of $1.54.")).to_be_visible()
        expect(report.get_by_text("days that are missing from the log: 2026-01-04")).to_be_visible()
        expect(report.get_by_text("fees that are not for tokens, such as searches and storage")).to_be_visible()
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/desktop.png", full_page=True)
            page.set_viewport_size({"width": 390, "height": 844})
            page.screenshot(path=f"{folder}/phone.png", full_page=True)
            page.set_viewport_size({"width": 1440, "height": 900})
        panel.get_by_role("button", name="Remove").click()
        expect(panel.get_by_text("cost export to see whether it matches this log")).to_be_visible()
    assert not Invoice.objects.exists()
