"""Uploads that break off, are gone on with after a reload, or of a file that changed meanwhile."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import upload_file
from tests.conftest import People
from tests.support.running_worker import HEADER
from workloads.models import Upload, Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

NOISE = ("ERR_FAILED", "ERR_ABORTED")
ROWS = 2_500
FILLER = "a comment that nobody reads; " * 128  # so that it is more than one part of 8 MB, of few rows


def long_log(folder: Path, feature: str = "a feature with a rather long name") -> Path:
    file = folder / "long.csv"
    row = f"2026-01-01T00:00:00Z,gpt-4o,1000,10,{feature},{FILLER}\n"
    file.write_text(HEADER.replace("\n", ",comment\n") + row * ROWS)
    return file


def breaking(page: Page, after: int) -> list[str]:
    """Lets `after` parts through; the others break off until the list is emptied. A page that is left tries again until
    it is gone: empty it only then, or that page finishes the upload."""
    broken = ["yes"]
    parts: list[int] = []

    def part(route: Route) -> None:
        if route.request.method == "PATCH" and broken and len(parts) >= after:
            route.abort()
            return
        parts.append(1)
        route.continue_()

    page.route("**/api/uploads/*/", part)
    return broken


def test_an_upload_that_breaks_off_goes_on_by_itself_and_after_a_reload_with_the_same_file(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner, expected=NOISE) as page:
        broken = breaking(page, after=1)
        file = long_log(tmp_path)
        upload_file(page, file)
        expect(page.get_by_text("Retrying automatically").first).to_be_visible()
        page.reload()
        expect(page.get_by_text("Choose the same file to continue").first).to_be_visible()
        assert Upload.objects.get().offset == 8 * 1024**2
        upload_file(page, file)
        expect(page.get_by_text("Retrying automatically").first).to_be_visible()
        assert Upload.objects.get().offset == 8 * 1024**2
        broken.clear()
        expect(page.get_by_text(f"{ROWS:,} requests").first).to_be_visible()
    assert Workload.objects.get().size == file.stat().st_size


@pytest.mark.soak
def test_a_file_that_changed_is_brought_from_the_beginning(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner, expected=NOISE) as page:
        broken = breaking(page, after=1)
        upload_file(page, long_log(tmp_path))
        expect(page.get_by_text("Retrying automatically").first).to_be_visible()
        page.reload()
        expect(page.get_by_text("Choose the same file to continue").first).to_be_visible()
        broken.clear()
        upload_file(page, long_log(tmp_path, feature="another feature of just this length"))
        expect(page.get_by_text(f"{ROWS:,} requests").first).to_be_visible()
        expect(page.get_by_text("Choose the same file to continue")).to_have_count(0)
    source = Workload.objects.get().source
    assert source
    assert source["rows"] == ROWS
    assert Workload.objects.get().size == (tmp_path / "long.csv").stat().st_size
