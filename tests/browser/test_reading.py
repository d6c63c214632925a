"""A log that is read again, and a user who stops that."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import upload_file
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.running_worker import log_file
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_stopping_a_re_reading_ends_it_and_leaves_the_earlier_data(
    people: People, visit: Visit, server: LiveServer, tmp_path: Path
) -> None:
    with ExitStack() as stack, visit(people.owner) as page:
        main = page.locator("main")
        upload_file(page, log_file(tmp_path, feature="mine"))
        expect(main.get_by_text("20 requests").first).to_be_visible()
        before = Workload.objects.get()
        file = stack.enter_context(hold_file(server.data_dir / "workloads" / str(people.owner.id) / f"{before.id}.raw"))
        main.get_by_role("button", name="Edit column mapping").click()
        page.get_by_role("dialog").get_by_role("button", name="Apply and re-read").click()
        expect(main.get_by_text("Reading the log: finding columns").first).to_be_visible()
        wait_for_readers(file, are_there=True)
        main.get_by_role("button", name="Cancel", exact=True).click()
        dialog = page.get_by_role("dialog", name="Stop re-reading this log?")
        expect(dialog).to_contain_text("The data from the previous reading stays in use.")
        dialog.get_by_role("button", name="Stop re-reading").click()
        expect(main.get_by_text("20 requests").first).to_be_visible()
        expect(main.get_by_text("Reading the log")).to_have_count(0)
        after = Workload.objects.get()
        assert (after.state, after.error, after.source) == ("ready", "", before.source)
        wait_for_readers(file, are_there=False)


@contextmanager
def hold_file(file: Path) -> Iterator[Path]:
    """Put a pipe in the file's place, from which nothing can be read."""
    file.unlink()
    os.mkfifo(file)
    writer = os.open(file, os.O_RDWR)
    try:
        yield file
    finally:
        os.close(writer)


def wait_for_readers(pipe: Path, *, are_there: bool) -> None:
    end = time.monotonic() + PATIENCE
    while is_open(pipe) is not are_there:
        assert time.monotonic() < end, "Nobody reads the file." if are_there else "The file is still being read."
        time.sleep(0.05)


def is_open(pipe: Path) -> bool:
    """Return whether another process has it open."""
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # closed meanwhile
            if file.parts[2] != str(os.getpid()) and file.is_fifo() and file.samefile(pipe):
                return True
    return False
