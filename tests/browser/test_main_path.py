"""The whole way: sign in, drop a log, ask, watch, act."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Run, Thread
from tests.browser.conftest import Visit
from tests.conftest import People
from tests.support.running_worker import HEADER, log_file
from workloads.levers.registry import LEVERS
from workloads.models import Workload

CALLS = f"5 agents, {10 + len(LEVERS)} tool calls"

pytestmark = pytest.mark.django_db(transaction=True)


def upload_file(page: Page, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)


def ask(page: Page, text: str = "Cut my spend by 30 %") -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def wait_for_reports(page: Page, reports: int = 1) -> None:
    expect(page.get_by_role("heading", name="Cost report")).to_have_count(reports)


def test_a_person_signs_in_and_sees_a_whole_run_by_one_click(people: People, visit: Visit) -> None:
    people.owner.set_password("a long enough password")
    people.owner.save()
    with visit(None) as page:
        page.get_by_label("Username or email").fill("owner")
        page.get_by_label("Password").fill("a long enough password")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Cut my spend by 30% without hurting p95 latency.").click()
        expect(
            page.get_by_text("Creating your sample log").or_(page.get_by_role("button", name="Stop")).first
        ).to_be_visible()
        wait_for_reports(page)
        expect(page.get_by_text(CALLS)).to_be_visible()
        shown = page.locator("main").inner_text()
        page.reload()
        wait_for_reports(page)
        expect(page.get_by_text(CALLS)).to_be_visible()
        assert page.locator("main").inner_text() == shown
    assert (Run.objects.get().state, Workload.objects.get().owner) == ("completed", people.owner)


def test_a_wrong_password_says_so(people: People, visit: Visit) -> None:
    with visit(None) as page:
        page.get_by_label("Username or email").fill("owner")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Wrong name or password")).to_be_visible()


@pytest.mark.long
def test_a_log_without_models_is_asked_about_the_model_and_then_costed(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "azure.csv"
    rows = "".join(f"2026-01-01 00:{row:02}:00.5,{1000 + row},{20}\n" for row in range(50))
    file.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + rows)
    with visit(people.owner) as page:
        upload_file(page, file)
        expect(page.get_by_text("Which model?").first).to_be_visible()
        page.get_by_role("button", name="gpt-4o", exact=True).first.click()
        ask(page)
        wait_for_reports(page)
    run = Run.objects.get()
    assert run.assumptions["assume_model"] == "gpt-4o"
    assert Workload.objects.get().name == "azure.csv"


@pytest.mark.long
def test_a_guessed_mapping_is_corrected_and_the_log_read_again(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("timestamp,model,weird_in,output_tokens\n" + "2026-01-01T00:00:00Z,gpt-4o,1000,10\n" * 3)
    with visit(people.owner) as page:
        upload_file(page, file)
        expect(page.get_by_text("could not be read").first).to_be_visible()
        expect(page.get_by_text("Or try it with a sample log")).to_be_visible()
        page.get_by_role("button", name="Edit column mapping").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="input tokens", exact=True).select_option("weird_in")
        dialog.get_by_role("button", name="Apply and re-read").click()
        expect(page.get_by_text("3 requests").first).to_be_visible()
    source = Workload.objects.get().source
    assert source
    assert source["mapping"]["input_tokens"] == "weird_in"


@pytest.mark.soak
def test_a_guessed_mapping_is_confirmed_by_one_click(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner) as page:
        upload_file(page, log_file(tmp_path, feature="mine"))
        page.get_by_role("button", name="Yes, looks right").click()
        for _ in range(2):
            expect(page.get_by_role("complementary").get_by_text("confirmed by you")).to_be_visible()
            expect(page.get_by_role("button", name="Yes, looks right")).to_have_count(0)
            page.reload()


@pytest.mark.long
def test_a_log_has_its_report_downloaded_is_asked_about_again_and_goes_with_all_that_came_from_it(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as page:
        upload_file(page, log_file(tmp_path, feature="mine"))
        expect(page.get_by_text("20 requests").first).to_be_visible()
        ask(page)
        wait_for_reports(page)
        download_report(page)
        ask(page, "What do failed requests cost me?")
        expect(page.get_by_role("region", name="Answer 2", exact=True)).to_contain_text("which requests failed")
        ask(page, "Where does my spend go?")
        expect(page.get_by_role("region", name="Answer 3", exact=True)).to_contain_text("Spend")
        assert Thread.objects.count() == 1
        assert Run.objects.filter(workload=Workload.objects.get(), state="completed").count() == 3
        page.get_by_role("button", name="Actions for the log “usage.csv”").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Delete everything").click()
        expect(page.get_by_role("heading", name="Cost report")).to_have_count(0)
        expect(page.get_by_role("navigation").get_by_text("usage.csv")).to_have_count(0)
        page.wait_for_timeout(500)  # what is gone is not asked for
    assert not (Workload.objects.exists() or Run.objects.exists() or Thread.objects.exists())


def download_report(page: Page) -> None:
    for name in ("Markdown", "JSON", "CSV"):
        with page.expect_download() as started:
            page.get_by_role("group", name="report").get_by_role("link", name=name).click()
        content = Path(started.value.path()).read_text()
        assert content.strip()
        if name == "JSON":
            assert json.loads(content)["rows"] == 20


def test_conversations_are_made_named_found_and_deleted(people: People, visit: Visit) -> None:
    with visit(people.owner) as page:
        for text in ("what does it cost", "who are you"):
            page.get_by_role("button", name="New conversation").first.click()
            ask(page, text)
            expect(page.get_by_role("navigation").get_by_text(text)).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_label("Search conversations").fill("cost")
        expect(page.get_by_role("navigation").get_by_text("who are you")).to_have_count(0)
        page.get_by_role("button", name="Actions for the conversation “what does it cost”").click()
        page.get_by_role("button", name="Rename", exact=True).click()
        page.get_by_label("New name").fill("Costs of May")
        page.keyboard.press("Enter")
        page.get_by_label("Search conversations").fill("")
        expect(page.get_by_role("navigation").get_by_text("Costs of May")).to_be_visible()
        page.get_by_role("button", name="Actions for the conversation “Costs of May”").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("navigation").get_by_text("Costs of May")).to_have_count(0)
    assert [thread.title for thread in Thread.objects.all()] == ["who are you"]


@pytest.mark.soak
def test_a_header_without_rows_says_what_is_wrong(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text(HEADER)
    with visit(people.owner) as page:
        upload_file(page, file)
        expect(page.get_by_text("could not be read").first).to_be_visible()
