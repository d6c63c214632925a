"""A question gets its answer: followed up, changed by a chip, opened to its rows, edited and asked again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from agents.models import Feedback
from tests.browser.conftest import Visit
from tests.browser.test_accessible import LOOKS, list_violations
from tests.browser.test_main_path import ask, upload_file
from tests.conftest import People
from tests.support.running_worker import HEADER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

CHAT, SEARCH = "support-chat", "=search()"


def two_features(folder: Path) -> Path:
    """12 requests over two days: two thirds of the spend are the chat's."""
    rows = [
        f"2026-01-0{day}T0{hour}:00:00Z,gpt-4o,{2000 if feature == CHAT else 1000},10,{feature}\n"
        for day in (1, 2)
        for hour in (1, 2, 3)
        for feature in (CHAT, SEARCH)
    ]
    (folder / "two.csv").write_text(HEADER + "".join(rows))
    return folder / "two.csv"


def latest(page: Page) -> Locator:
    return page.locator(".turn").last


def wait_for_answers(page: Page, count: int) -> Locator:
    expect(page.locator(".turn .an")).to_have_count(count)
    return latest(page)


def begin(page: Page, folder: Path) -> Locator:
    upload_file(page, two_features(folder))
    expect(page.get_by_text("12 requests").first).to_be_visible()
    ask(page, "What did we spend per feature?")
    return wait_for_answers(page, 1)


def test_a_question_is_answered_and_what_was_understood_is_changed(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as page:
        answer = begin(page, tmp_path)
        # First the answer, then the steps, folded.
        expect(answer.locator(".run > .ending + .run-line")).to_be_visible()
        expect(answer.locator(".steps")).to_have_count(0)
        expect(answer.locator(".an-bars, .rp-table").first).to_contain_text(CHAT)
        answer.get_by_role("button", name="change this and ask again").first.click()
        answer.locator(".menu-panel .menu-item").first.click()
        changed = wait_for_answers(page, 2)
        # Only the latest can be changed: the next question is about that one.
        expect(page.locator(".an").first.locator(".menu-button")).to_have_count(0)
        changed.locator(".an-next button").first.click()
        wait_for_answers(page, 3)
        ask(page, "and per day?")
        expect(wait_for_answers(page, 4)).to_contain_text(re.compile(r"Jan 2|2026-01-02"))


def test_an_answer_shows_its_rows_is_downloaded_and_rated(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner) as page:
        answer = begin(page, tmp_path)
        download_without_formulas(page, answer)
        open_figure(answer)
        rate_with_reason(answer)
        page.reload()
        expect(wait_for_answers(page, 1).get_by_role("button", name="Not helpful")).to_have_attribute(
            "aria-pressed", "true"
        )
        find_no_requests_behind_sums(page, tmp_path)
    assert (Feedback.objects.get().helpful, Feedback.objects.get().reason) == (False, "no teams")


def download_without_formulas(page: Page, answer: Locator) -> None:
    fold = answer.locator("details.an-fold").first
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    with page.expect_download() as download:
        fold.get_by_role("button", name="as CSV").click()
    text = download.value.path().read_text()
    assert f"'{SEARCH}," in text
    assert CHAT in text


def open_figure(answer: Locator) -> None:
    """To its formula, SQL and rows."""
    answer.get_by_text("Show how this was computed").click()
    expect(answer.locator(".an-sql").first).to_contain_text("SELECT")
    answer.get_by_role("button", name="Show the requests behind this").first.press("Enter")
    expect(answer.get_by_role("table", name="Requests behind this figure")).to_contain_text("gpt-4o")
    expect(answer.locator(".an-behind").first).to_be_focused()  # the button that had the focus is gone


def find_no_requests_behind_sums(page: Page, folder: Path) -> None:
    """A log whose rows are sums shows formula and SQL, but offers no requests: it has none."""
    file = folder / "days.csv"
    file.write_text(
        "date,model,requests,input_tokens,output_tokens\n"
        + "".join(f"2026-01-0{day},{model},10,20000,100\n" for day in (1, 2) for model in ("gpt-4o", "gpt-4o-mini"))
    )
    page.get_by_role("button", name="New conversation").first.click()
    upload_file(page, file)
    expect(page.get_by_text("40 requests").first).to_be_visible()
    ask(page, "What did we spend per model?")
    answer = wait_for_answers(page, 1)
    answer.get_by_text("Show how this was computed").click()
    expect(answer.locator(".an-sql").first).to_contain_text("SELECT")
    expect(answer.get_by_role("button", name="Show the requests behind this")).to_have_count(0)


def rate_with_reason(answer: Locator) -> None:
    answer.get_by_role("button", name="Not helpful").click()
    answer.get_by_label("What was wrong or missing?").fill("no teams")
    answer.get_by_role("button", name="Send").click()
    expect(answer.get_by_label("What was wrong or missing?")).to_have_count(0)


def test_a_question_is_edited_a_report_follows_and_what_the_log_lacks_offers_more(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as page:
        edit_from_keyboard(page, begin(page, tmp_path))
        request_report(page)
        ask(page, "Which team waited longest for answers?")
        expect(wait_for_answers(page, 4).locator(".an-next button").first).to_be_visible()


def edit_from_keyboard(page: Page, answer: Locator) -> None:
    edit = answer.get_by_role("button", name="Edit", exact=True)
    edit.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Edit this question")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()
    page.keyboard.press("Enter")
    field.fill("How many requests per feature?")
    page.keyboard.press("Enter")
    again = wait_for_answers(page, 2)
    expect(again.locator(".bubble")).to_have_text("How many requests per feature?")
    expect(again.locator(".an")).to_contain_text("6")


def request_report(page: Page) -> None:
    """By one click; it folds to its headline, and opens again."""
    latest(page).get_by_role("button", name="Full report").click()
    expect(page.get_by_role("heading", name="Cost report")).to_be_visible()
    ask(page, "What did we spend?")
    wait_for_answers(page, 3)
    page.get_by_role("button", name="Show the report").click()
    expect(page.get_by_role("group", name="At a glance")).to_be_visible()


@pytest.mark.parametrize("look", [pytest.param("desktop, light", marks=pytest.mark.soak), "phone, dark"])
def test_an_answer_is_accessible(people: People, visit: Visit, tmp_path: Path, look: str) -> None:
    with visit(people.owner, bypass_csp=True, **LOOKS[look]) as page:
        answer = begin(page, tmp_path)
        answer.get_by_text("Show how this was computed").click()
        assert list_violations(page) == []
        answer.get_by_role("button", name="change this and ask again").first.click()
        assert list_violations(page) == []
        width = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]
