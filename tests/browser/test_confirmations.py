"""The report's questions, answered by a click: the answer is kept with the log and changes its figures."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def write_nightly_log(file: Path) -> None:
    """20 requests of $2.50 from 02:00, five in each of four nights."""
    rows = [
        f"2026-03-0{day}T02:0{minute}:00Z,gpt-4o,1000000,0,nightly-summaries\n"
        for day in range(1, 5)
        for minute in range(5)
    ]
    file.write_text("time,model,input_tokens,output_tokens,feature\n" + "".join(rows))


def list_answers() -> list[tuple[str, bool]]:
    return [(each["scope"], each["value"]) for each in Workload.objects.get().assumptions.get("answers", [])]


def click_last(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).last.click()


def test_a_click_answers_a_question_and_another_takes_it_back(people: People, visit: Visit, tmp_path: Path) -> None:
    write_nightly_log(tmp_path / "nightly.csv")
    with visit(people.owner) as page:
        upload_file(page, tmp_path / "nightly.csv")
        ask(page, "Where can I save?")
        wait_for_reports(page)
        expect(page.get_by_text("Can nightly-summaries wait up to 24 h?").first).to_be_visible()
        expect(page.get_by_text("$50.00 → $25.00 as a batch").first).to_be_visible()
        expect(page.get_by_text("None confirmed").first).to_be_visible()
        click_last(page, "Yes, save $25.00")
        wait_for_reports(page, reports=2)
        expect(page.get_by_text("You said yes.").last).to_be_visible()
        assert list_answers() == [("nightly-summaries", True)]
        click_last(page, "Undo")
        wait_for_reports(page, reports=3)
        assert list_answers() == []


def test_a_number_is_typed_and_changes_the_figures(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    lengths = [100] * 30 + [5_000] * 3
    rows = [f"2026-03-01T10:{minute:02}:00Z,gpt-4o,1000,{length},chat\n" for minute, length in enumerate(lengths)]
    file.write_text("time,model,input_tokens,output_tokens,feature\n" + "".join(rows))
    with visit(people.owner) as page:
        upload_file(page, file)
        ask(page, "Where can I save?")
        wait_for_reports(page)
        number = page.get_by_label("How many tokens does an answer of chat need at most?").first
        number.fill("lots")
        number.press("Enter")
        expect(page.get_by_text("Enter a number above 0.").first).to_be_visible()
        number.fill("1,200")
        number.press("Enter")
        wait_for_reports(page, reports=2)
        expect(page.locator(".rp-question:visible").get_by_text("You said 1,200 tokens.")).to_be_visible()
        (answer,) = Workload.objects.get().assumptions["answers"]
        assert (answer["lever"], answer["scope"], answer["value"]) == ("output_length", "chat", "1200")
