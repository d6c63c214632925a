"""The commands over a database that somebody has changed by SQL."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core.concurrency.database_threads import SharedThreadExecutor
from core.models import User
from tests.conftest import People
from tests.support.runners import running_kinds
from tests.support.running_worker import environment
from tests.tools.audit.attempts import attempt, record
from tools.audit import anchors, queries, verification
from tools.audit.anchors import ANCHOR_FILE_NAME, build_anchor_kind, create_anchor
from tools.audit.models import AuditAnchor, AuditRow, AuditSubject
from tools.audit.record import commit_attempt

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(tmp_path: Path, settings: Any) -> Path:
    settings.NETRA = environment(tmp_path)
    return tmp_path


@pytest.fixture
def audited_people(here: Path, people: People) -> People:
    """Five and three rows, of which the first three and two are anchored."""
    for count, more in ((2, 1), (1, 1)):
        record(people.owner.id, count)
        record(people.neighbour.id, more)
        create_anchor(here / ANCHOR_FILE_NAME)
    record(people.owner.id, 2)
    record(people.neighbour.id, 1)
    return people


def run_command(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def list_findings() -> list[str]:
    """The sentences, and that the command failed on them."""
    out = StringIO()
    with pytest.raises(CommandError, match="does not match what was written") as failed:
        call_command("verify_audit", stdout=out)
    assert failed.value.returncode == 1
    return out.getvalue().splitlines()[:-2]


def sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def subject(user: User) -> str:
    return AuditSubject.objects.get(owner_id=user.id).subject


def test_an_intact_audit_reports_its_window(audited_people: People, here: Path) -> None:
    assert run_command("verify_audit").splitlines()[0] == "8 rows in 2 chains, 2 anchors."
    said = json.loads(run_command("verify_audit", "--json"))
    first = AuditRow.objects.get(subject=subject(audited_people.owner), seq=4).at
    assert said["not_anchored"] == {"rows": 3, "since": first.isoformat()}
    assert (said["rows"], said["findings"]) == (8, [])
    assert run_command("anchor_audit") == "Anchor 3 covers 8 rows.\n"
    assert run_command("anchor_audit") == "Nothing to do: every row is anchored.\n"
    assert run_command("verify_audit").endswith("Every row is anchored.\n")


def test_an_empty_audit_verifies(here: Path, people: People) -> None:
    assert run_command("anchor_audit") == "Nothing to do: every row is anchored.\n"
    assert run_command("verify_audit") == "0 rows in 0 chains, 0 anchors.\nEvery row is anchored.\n"


def test_an_edit_is_found(audited_people: People) -> None:
    whose = subject(audited_people.owner)
    sql("UPDATE audit_auditrow SET outcome = 'refused' WHERE subject = %s AND seq = 5", whose)
    assert list_findings() == [f"Audit of {whose}: row 5 was changed."]


def test_a_deletion_is_found(audited_people: People) -> None:
    whose = subject(audited_people.neighbour)
    sql("DELETE FROM audit_auditrow WHERE subject = %s AND seq = 1", whose)
    assert list_findings() == [f"Audit of {whose}: row 1 is missing."]


def test_swapped_rows_are_found(audited_people: People) -> None:
    whose = subject(audited_people.owner)
    for one, two in ((1, 99), (2, 1), (99, 2)):
        sql("UPDATE audit_auditrow SET seq = %s WHERE subject = %s AND seq = %s", two, whose, one)
    assert f"Audit of {whose}: row 1 was changed." in list_findings()


def truncate(whose: str, left: int) -> None:
    """With the head as it was then."""
    sql("DELETE FROM audit_auditrow WHERE subject = %s AND seq > %s", whose, left)
    mac = AuditRow.objects.get(subject=whose, seq=left).mac
    sql("UPDATE audit_audithead SET seq = %s, mac = %s WHERE subject = %s", left, mac, whose)


def test_truncation_of_anchored_rows_is_found(audited_people: People) -> None:
    whose = subject(audited_people.owner)
    truncate(whose, 2)
    assert list_findings() == [f"Audit of {whose}: row 3 is missing, although anchored."]


def test_truncation_together_with_the_anchors_is_found_by_the_file(audited_people: People) -> None:
    sql("DELETE FROM audit_anchoredhead WHERE anchor_id = 2")
    sql("DELETE FROM audit_auditanchor WHERE seq = 2")
    truncate(subject(audited_people.owner), 2)
    truncate(subject(audited_people.neighbour), 1)
    assert list_findings() == [
        "The anchor file has 1 line more than the database has anchors: the last one was deleted there."
    ]


def test_a_removed_subject_is_found(audited_people: People) -> None:
    whose = subject(audited_people.owner)
    sql("DELETE FROM audit_auditrow WHERE subject = %s", whose)
    sql("DELETE FROM audit_audithead WHERE subject = %s", whose)
    assert f"Audit of {whose}: its head is missing." in list_findings()


def test_rows_without_a_head_and_beyond_it_are_found(audited_people: People) -> None:
    owner, neighbour = subject(audited_people.owner), subject(audited_people.neighbour)
    sql("DELETE FROM audit_audithead WHERE subject = %s", owner)
    mac = AuditRow.objects.get(subject=neighbour, seq=2).mac
    sql("UPDATE audit_audithead SET seq = 2, mac = %s WHERE subject = %s", mac, neighbour)
    assert list_findings() == [
        f"Audit of {owner}: its head is missing.",
        f"Audit of {neighbour}: row 3 is after its head.",
    ]


def test_another_key_verifies_no_row(audited_people: People, settings: Any) -> None:
    settings.AUDIT_KEYS = ["a new key"]
    record(audited_people.owner.id)
    assert "9 rows" in run_command("verify_audit")  # the rest under the one before
    settings.SECRET_KEY = "another secret"
    assert any("was signed with an unknown key" in each for each in list_findings())


def test_the_anchor_file_is_compared_and_private(audited_people: People, here: Path) -> None:
    file = here / ANCHOR_FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(lines[0] + lines[1].replace('"rows": 5', '"rows": 4'))
    assert list_findings() == ["Anchor 2 differs from its line in the anchor file."]
    file.unlink()
    assert list_findings() == [f"Anchor {seq} is missing from the anchor file." for seq in (1, 2)]


def test_a_line_lost_in_a_crash_is_written_with_the_next_anchor(audited_people: People, here: Path) -> None:
    file = here / ANCHOR_FILE_NAME
    whole = file.read_text()
    file.write_text(whole[:-20])
    run_command("anchor_audit")
    assert file.read_text().startswith(whole)
    assert run_command("verify_audit").startswith("8 rows")


def test_paging_skips_no_row(audited_people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_ROWS", 2)
    monkeypatch.setattr(verification, "CHAINS_PER_PAGE", 1)
    assert run_command("verify_audit").startswith("8 rows in 2 chains, 2 anchors.")
    whose = sorted([subject(audited_people.owner), subject(audited_people.neighbour)])[1]
    sql("UPDATE audit_auditrow SET code = 'x' WHERE subject = %s AND seq = 3", whose)
    assert list_findings() == [f"Audit of {whose}: row 3 was changed."]


def test_an_unusable_anchor_file_is_reported(audited_people: People, here: Path) -> None:
    (here / ANCHOR_FILE_NAME).unlink()
    (here / ANCHOR_FILE_NAME).mkdir()
    for command in ("verify_audit", "anchor_audit"):
        with pytest.raises(CommandError, match="audit-anchors.jsonl: Is a directory"):
            call_command(command)


async def test_a_server_anchors_periodically(
    here: Path, people: People, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a time in which it could not."""
    await sync_to_async(record)(people.owner.id)
    await asyncio.to_thread((here / ANCHOR_FILE_NAME).mkdir)
    monkeypatch.setattr("core.jobs.settlement.RETRY_SECONDS", 0.05)
    async with running_kinds(build_anchor_kind(here / ANCHOR_FILE_NAME, SharedThreadExecutor())):
        await until(lambda: "a job failed: anchor" in caplog.text)
        await asyncio.to_thread((here / ANCHOR_FILE_NAME).rmdir)
        await until(lambda: (here / ANCHOR_FILE_NAME).is_file() and bool((here / ANCHOR_FILE_NAME).read_text()))
    assert await AuditAnchor.objects.acount() == 1


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(2000):
        if await asyncio.to_thread(happened):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


def test_the_first_anchor_may_be_created_just_after_its_file_was_missed(
    here: Path, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(people.owner.id, 1)

    @contextmanager
    def read_lines(file: Path) -> Iterator[Iterator[str] | None]:
        with anchors.read_lines(file) as lines:
            create_anchor(file)
            yield lines

    with monkeypatch.context() as patch:
        patch.setattr(verification, "read_lines", read_lines)
        assert json.loads(run_command("verify_audit", "--json"))["findings_in_all"] == 0
    assert json.loads(run_command("verify_audit", "--json"))["anchors"] == 1


def test_verification_works_beside_a_running_server(here: Path, people: People) -> None:
    """What is added while it looks, and anchored by several at once, is no finding."""
    stop, failed = threading.Event(), []

    def work(user: User) -> None:
        try:
            while not stop.is_set():
                commit_attempt(attempt(user.id))
                create_anchor(here / ANCHOR_FILE_NAME)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(user,)) for user in (people.owner, people.owner, people.neighbour)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            assert json.loads(run_command("verify_audit", "--json"))["findings_in_all"] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert [*AuditAnchor.objects.order_by("seq").values_list("seq", flat=True)] == [
        *range(1, AuditAnchor.objects.count() + 1)
    ]
    create_anchor(here / ANCHOR_FILE_NAME)
    last = AuditAnchor.objects.order_by("-seq")[0]
    assert last.rows == AuditRow.objects.count()
