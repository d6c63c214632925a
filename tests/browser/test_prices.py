"""The table of a log's prices: changed, kept, and applied to the log's figures and the next question."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_audio_and_one_hour_writes_have_prices_and_another_model_is_compared(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "usage.csv"
    line = "2026-06-01T00:00:00Z,{},1000000,1000,{}\n"
    file.write_text(
        "timestamp,model,input_tokens,output_tokens,cost_usd\n"
        + line.format("claude-sonnet-4-5", "")
        + line.format("house", "7.5")
    )
    with visit(people.owner) as page:
        upload_file(page, file)
        page.get_by_text("Your prices and discount").click()
        page.get_by_label("What would it cost with this model?").fill("claude-haiku-4-5")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Prices per model").click()
        listed = page.get_by_role("group", name="claude-sonnet-4-5")
        expect(listed.get_by_label("Cache write, 1 hour")).to_have_value("6")
        expect(page.get_by_role("dialog").get_by_text("Price list: genai-prices")).to_be_visible()
        house = page.get_by_role("group", name="house")
        house.get_by_text("1-hour cache writes, audio, images, fees").click()
        house.get_by_label("Audio input").fill("12")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        ask(page)
        wait_for_reports(page)
        report = page.locator(".rp")
        expect(report.get_by_text("Price list: genai-prices").first).to_be_visible()
        expect(report.get_by_text("This includes $7.50 that the log itself states")).to_be_visible()
        expect(report.get_by_text("Stated by the log", exact=True)).to_be_visible()
        expect(report.locator("a[href$='/report/what-if.csv']")).to_have_count(1)
        expect(report.locator("a[href$='/report/checks.csv']")).to_have_count(1)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assumptions = Workload.objects.get().assumptions
    assert assumptions["target_model"] == "claude-haiku-4-5"
    assert assumptions["model_prices"][0]["audio_input"] == "12"


def test_prices_of_models_apply_at_once(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    line = "2026-06-01T00:00:00Z,{},1000000,1000000,search\n"
    file.write_text(
        "timestamp,model,input_tokens,output_tokens,feature\n" + line.format("gpt-4o") + line.format("house")
    )
    with visit(people.owner) as page:
        upload_file(page, file)
        facts = page.locator(".facts")
        expect(facts.get_by_text("$12.50")).to_be_visible()
        ask(page)
        wait_for_reports(page)
        page.get_by_text("Your prices and discount").click()
        page.get_by_role("button", name="Prices per model").click()
        listed = page.get_by_role("group", name="gpt-4o")
        expect(listed.get_by_label("Input", exact=True)).to_have_value("2.5")
        listed.get_by_label("Input", exact=True).fill("2")
        house = page.get_by_role("group", name="house")
        house.get_by_label("Price it as this model").fill("gpt-4o-mini")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(facts.get_by_text("$12.75")).to_be_visible()  # 2 + 10 + 0.15 + 0.60
        expect(page.get_by_text("prices have changed since")).to_be_visible()
        ask(page, "How can we save money?")
        wait_for_reports(page, 2)
        expect(page.get_by_text("prices have changed since")).to_have_count(1)
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("button.log-chip").click()
        page.get_by_text("Your prices and discount").click()
        page.get_by_role("button", name="Prices per model").click()
        expect(page.get_by_role("group", name="gpt-4o").first.get_by_label("Input", exact=True)).to_have_value("2")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Workload.objects.get().assumptions["model_prices"][0]["fresh_input"] == "2"
    latest = Run.objects.order_by("-created_at").first()
    assert latest is not None
    assert latest.assumptions["model_names"] == [{"name": "house", "model": "gpt-4o-mini"}]
