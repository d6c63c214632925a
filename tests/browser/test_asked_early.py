"""A question that is asked while its file is still on its way."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.test_way import answered, ask, bring
from tests.conftest import People
from tests.houses import brought, log_file
from tests.served import Served

pytestmark = pytest.mark.django_db(transaction=True)

WAITS = "Starts as soon as the file is there"


def held_back(page: Page) -> list[Route]:
    """What is sent of a file waits in here; the upload itself is announced."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/uploads/*/", hold)
    return held


def begun(page: Page, held: list[Route]) -> None:
    while not held:
        page.wait_for_timeout(50)


def test_it_waits_for_the_file_and_is_not_asked_of_an_older_one(
    people: People, visit: Visit, server: Served, tmp_path: Path
) -> None:
    older = brought(people.owner, log_file(tmp_path / "older", feature="older"), server.data_dir)
    with visit(people.owner) as page:
        held = held_back(page)
        bring(page, log_file(tmp_path, feature="fresh", rows=30))
        begun(page, held)
        expect(page.get_by_role("form", name="Ask").get_by_text("on its way")).to_be_visible()
        ask(page)
        expect(page.get_by_text(WAITS)).to_be_visible()
        held.pop().continue_()
        answered(page)
        assert "fresh" in page.locator("main").inner_text()
    assert Run.objects.get().workload_id not in (None, older.id)


def test_where_the_file_does_not_arrive_nothing_is_asked_and_nothing_lost(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner, expected=("ERR_FAILED",)) as page:
        held = held_back(page)
        bring(page, log_file(tmp_path, feature="fresh"))
        begun(page, held)
        ask(page, "Cut my spend by 30 %")
        expect(page.get_by_text(WAITS)).to_be_visible()
        page.reload()
        expect(page.get_by_text("The file did not arrive, so nothing was asked about it.")).to_be_visible()
        expect(page.get_by_text("Cut my spend by 30 %").first).to_be_visible()
    assert not Run.objects.exists()
