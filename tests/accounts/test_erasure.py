"""Erasing a user: afterwards everything is searched for traces."""

import asyncio
import threading
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, connections
from knox.models import AuthToken

from accounts import erasure
from accounts.erasure import ErasureTimeouts, erase_user, find_log_entries
from agents import run_writer
from agents.models import Run
from core.exceptions import OperatorError
from core.models import Event, User
from core.stream.append import publish_to_nobody
from netra.bootstrap.demo_users import create_demo_users, credentials_path
from tests.agents.claimed_runs import claim_queued_run, queue_run
from tests.netra.test_services import hanging_at, start
from tests.support.claimed_jobs import lose_workers
from tests.support.database_files import find_in_database_files
from tests.support.filled_rows import (
    fill,
    fill_disk,
    half_signed_in,
    log_entry,
    marks_of,
    mention,
    on_disk,
    person,
    rows_of,
    sign_in,
)
from tests.support.patience import PATIENCE
from tests.support.running_worker import environment, working

pytestmark = pytest.mark.django_db(transaction=True)

CANARY, OTHER = "kanarienvogel", "nachtigall"
AT_ONCE = ErasureTimeouts(pages=0, runs=0, quiet=0, disk=5)


@pytest.fixture
def here(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's data folder, as commands see it."""
    settings.NETRA = environment(tmp_path)
    monkeypatch.setattr(erasure, "erase_user", partial(erase_user, timeouts=AT_ONCE))
    Group.objects.get_or_create(name="the same team")
    return tmp_path


def everything_of(user: User, word: str, data_dir: Path) -> dict[Any, Any]:
    rows = fill(user, word)
    fill_disk(rows, data_dir, word)
    sign_in(user, word)
    half_signed_in(user)
    return rows


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_user", *arguments, stdout=out)
    return out.getvalue()


def test_nothing_is_left_of_an_erased_user_and_everything_of_another(here: Path) -> None:
    admin, user, neighbour = person("verwalterin"), person("quendelmoor"), person("quendelmoos")
    rows = everything_of(user, CANARY, here)
    everything_of(neighbour, OTHER, here)
    for about, word in ((user, CANARY), (neighbour, OTHER)):
        log_entry(admin, about, word)
        mention(about)
    theirs, others = marks_of(user, CANARY), marks_of(neighbour, OTHER)
    before = rows_of(others), on_disk(here, others)
    # What is looked for is there: in every table of theirs, and in every kind of file.
    tables = {row.split(":")[0] for row in rows_of(theirs)}
    assert {model._meta.db_table for model in rows} <= tables
    assert len(on_disk(here, theirs)) >= 10

    run_command("quendelmoor", "--yes")

    assert rows_of(theirs) == []
    assert on_disk(here, theirs) == []
    assert (rows_of(others), on_disk(here, others)) == before
    assert len(before[0]) > 20 and len(before[1]) >= 10


def test_every_owned_model_has_a_row(here: Path) -> None:
    rows = fill(person("quendelmoor"), CANARY)
    missed = [
        model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        and model not in rows
        and any(field.related_model in rows for field in model._meta.concrete_fields if field.is_relation)
    ]
    assert missed == []


def test_first_it_only_tells(here: Path) -> None:
    user = person("quendelmoor")
    everything_of(user, CANARY, here)
    before = rows_of(marks_of(user, CANARY)), on_disk(here, marks_of(user, CANARY))
    said = run_command("quendelmoor")
    assert "rows of workloads: 1" in said
    assert "Nothing was erased" in said
    assert CANARY not in said
    assert (rows_of(marks_of(user, CANARY)), on_disk(here, marks_of(user, CANARY))) == before


def test_an_erased_user_is_not_found(here: Path) -> None:
    user = person("quendelmoor")
    run_command(str(user.id), "--yes")
    for name in ("quendelmoor", str(user.id)):
        with pytest.raises(CommandError, match="User .* not found") as refused:
            run_command(name, "--yes")
        assert refused.value.returncode == 2


@pytest.mark.parametrize("step", ["_remove_files", "delete_all_data", "_delete_account"])
def test_an_interrupted_erasure_can_be_repeated(here: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    user = person("quendelmoor")
    everything_of(user, CANARY, here)

    def broken(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "a file")

    with monkeypatch.context() as patched:
        patched.setattr(erasure, step, broken)
        with pytest.raises(CommandError, match="a file: Permission denied. Run it again."):
            run_command("quendelmoor", "--yes")
    assert not User.objects.get(username="quendelmoor").is_active
    run_command("quendelmoor", "--yes")
    assert rows_of(marks_of(user, CANARY)) == on_disk(here, marks_of(user, CANARY)) == []


def test_the_database_file_has_no_deleted_data(here: Path) -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL overwrites by its own vacuum
    user = person("quendelmoor")
    fill(user, CANARY)
    for number in range(300):
        Event.objects.create(
            owner=user,
            epoch=user.id,
            seq=number + 5,
            type="run_queued",
            at=user.date_joined,
            payload={"text": CANARY * 40},
        )
    assert find_in_database_files(CANARY)
    run_command("quendelmoor", "--yes")
    assert find_in_database_files(CANARY) == []


def test_a_first_password_is_removed_from_its_file(here: Path) -> None:
    create_demo_users(here)
    run_command("ana", "--yes")
    assert "ana" not in credentials_path(here).read_text()
    assert "ben" in credentials_path(here).read_text()
    assert credentials_path(here).stat().st_mode & 0o777 == 0o600


def test_a_name_that_is_a_word_of_the_log_is_not_everybody(here: Path) -> None:
    admin, user, other = person("verwalterin"), person("changed"), person("nachbar")
    log_entry(admin, other, "unchanged")
    entry = apps.get_model("admin", "LogEntry")
    entry.objects.update(change_message='[{"changed": {"fields": ["Password"]}}]')
    entry.objects.create(user=admin, action_flag=2, object_id="1", object_repr="a token of Changed", change_message="")
    assert [each.object_repr for each in find_log_entries(user)] == ["a token of Changed"]


def test_a_worker_can_write_nothing_more_for_an_erased_user(here: Path) -> None:
    user = person("quendelmoor")
    job = claim_queued_run(user)
    erase_user(user, here, AT_ONCE)
    item = run_writer.RunItem(user_id=user.id, run_id=job.context.run_id, attempt=1, events=())
    outcome = run_writer.write_fenced([item], publish=publish_to_nobody)
    assert list(outcome.lost) == [item]
    assert rows_of(marks_of(user, CANARY)) == []


@pytest.mark.long
def test_a_file_written_late_is_removed(here: Path) -> None:
    user = person("quendelmoor")
    late = here / "scratch" / f"{claim_queued_run(user).context.run_id}-1"
    writing = threading.Timer(1.5, late.mkdir, kwargs={"parents": True})
    writing.start()
    erase_user(user, here, ErasureTimeouts(pages=0, runs=0, quiet=2, disk=10))
    writing.join()
    assert not User.objects.filter(username="quendelmoor").exists()
    assert not late.exists()


def test_a_worker_that_keeps_writing_is_reported(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = person("quendelmoor")
    claim_queued_run(user)
    monkeypatch.setattr(erasure, "_remove_files", lambda *_: True)
    with pytest.raises(OperatorError, match="still writes files"):
        erase_user(user, here, ErasureTimeouts(pages=0, runs=0, quiet=0.1, disk=0.3))


def test_a_queued_run_ends_and_a_dead_worker_is_not_awaited(here: Path) -> None:
    user = person("quendelmoor")
    claim_queued_run(user, "killed")
    lose_workers()
    queue_run(user)
    erase_user(user, here, ErasureTimeouts(pages=0, runs=60, quiet=0, disk=5))
    assert not Run.objects.exists()


@pytest.mark.long
async def test_a_run_under_way_is_stopped_and_leaves_nothing(here: Path) -> None:
    user = await sync_to_async(person)("quendelmoor")
    run, reached = await sync_to_async(start)(user, here), asyncio.Event()
    async with working(environment(here), model_runner=hanging_at("combine_levers", reached)):
        await asyncio.wait_for(reached.wait(), PATIENCE)
        assert await asyncio.to_thread(on_disk, here / "scratch", [str(run.id)])
        failed: list[BaseException] = []

        def erasing() -> None:
            try:
                erase_user(user, here, ErasureTimeouts(pages=0, quiet=1))
            except BaseException as error:  # noqa: BLE001
                failed.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=erasing)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert not failed
    marks = [*marks_of(user, CANARY), str(run.id)]
    assert await sync_to_async(rows_of)(marks) == []
    assert await asyncio.to_thread(on_disk, here, marks) == []
    await sync_to_async(connections.close_all)()


def test_its_tokens_open_nothing_from_the_first_moment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = person("quendelmoor")
    AuthToken.objects.create(user)
    sign_in(user, CANARY)
    seen: list[tuple[bool, int, list[str]]] = []

    def look(user_id: UUID, **_: object) -> int:
        seen.append((User.objects.get(id=user_id).is_active, AuthToken.objects.count(), rows_of([CANARY])))
        return 0

    monkeypatch.setattr(erasure, "cancel_all_runs", look)
    erase_user(user, here, AT_ONCE)
    assert seen == [(False, 0, [])]
