"""The confirmation of a mapping says what was not read, and what of it may affect the cost or can be asked about."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import upload_file
from tests.conftest import People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_unread_further_and_unused_columns_are_listed(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    regions = ("eu", "us")
    rows = [
        f"2026-03-01T10:{minute:02}:00Z,gpt-4o,{1_000 + minute},{minute},{regions[minute % 2]},0.02,note {minute}\n"
        for minute in range(40)
    ]
    file.write_text("time,model,input_tokens,output_tokens,region,gateway_fee_cost,remark\n" + "".join(rows))
    with visit(people.owner) as page:
        upload_file(page, file)
        asked = page.locator(".guess")
        expect(asked.get_by_role("note")).to_contain_text("This column may affect the cost")
        expect(asked.get_by_role("note")).to_contain_text("gateway_fee_cost 0.02")
        expect(asked.get_by_text("Other columns that you can ask about: region")).to_be_visible()
        expect(asked.get_by_text("Not used: remark")).to_be_visible()
        asked.get_by_role("button", name="Yes, looks right").click()
        expect(asked).to_have_count(0)
        # What may affect the cost stays with the log.
        expect(page.locator(".log-card").get_by_role("note")).to_contain_text("gateway_fee_cost")
