"""The browser's time zone goes with each question: its days are the reader's."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.test_answers import wait_for_answers
from tests.browser.test_main_path import ask, upload_file
from tests.conftest import People
from tests.support.running_worker import HEADER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

EVENING, NOTE = "2026-03-02T03:00:00", "Days and hours are in the time zone America/New_York."
"""On 1 March in New York, if it is UTC."""


def write_log(file: Path, zone: str) -> Path:
    rows = [f"{EVENING}{zone},gpt-4o,{tokens},10,chat\n" for tokens in (1_000, 2_000)]
    file.write_text(HEADER + "".join(rows))
    return file


@pytest.mark.parametrize(
    ("zone", "day", "is_noted"),
    [("Z", "Mar 1, 2026", True), pytest.param("", "Mar 2, 2026", False, marks=pytest.mark.soak)],
)
def test_days_are_the_reader_s_where_times_have_a_zone(
    zone: str, day: str, is_noted: bool, people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner, timezone_id="America/New_York") as page:
        upload_file(page, write_log(tmp_path / "evening.csv", zone))
        expect(page.get_by_text("2 requests").first).to_be_visible()
        ask(page, "spend per day")
        answer = wait_for_answers(page, 1)
        expect(answer.locator(".rp-table")).to_contain_text(day)
        expect(answer.get_by_text(NOTE)).to_have_count(1 if is_noted else 0)
    assert Run.objects.get().time_zone == "America/New_York"
