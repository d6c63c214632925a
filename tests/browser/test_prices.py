"""The table of a log's prices: changed, kept, and applied to the log's figures and the next question."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.test_main_path import answered, ask, bring
from tests.conftest import People
from workloads.models import Workload

pytestmark = pytest.mark.django_db(transaction=True)


def test_prices_of_models_apply_at_once(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    line = "2026-06-01T00:00:00Z,{},1000000,1000000,search\n"
    file.write_text(
        "timestamp,model,input_tokens,output_tokens,feature\n" + line.format("gpt-4o") + line.format("house")
    )
    with visit(people.owner) as page:
        bring(page, file)
        facts = page.locator(".facts")
        expect(facts.get_by_text("$12.50")).to_be_visible()
        ask(page)
        answered(page)
        page.get_by_text("Your prices and discount").click()
        page.get_by_role("button", name="Prices per model").click()
        listed = page.get_by_role("group", name="gpt-4o")
        expect(listed.get_by_label("Input", exact=True)).to_have_value("2.5")
        listed.get_by_label("Input", exact=True).fill("2")
        house = page.get_by_role("group", name="house")
        house.get_by_label("This name is the model").fill("gpt-4o-mini")
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(facts.get_by_text("$12.75")).to_be_visible()  # 2 + 10 + 0.15 + 0.60
        expect(page.get_by_text("made with other prices")).to_be_visible()
        ask(page, "Where does my spend go?")
        answered(page, 2)
        expect(page.get_by_text("made with other prices")).to_have_count(1)
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
