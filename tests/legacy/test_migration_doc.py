"""docs/migration.md, followed to the letter: its files are written, its commands run in order."""

import asyncio
import importlib
import io
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command, get_commands, load_command_class
from pytest_django import Settings

from agents.framework.validation import assert_compliant
from agents.models import Run, RunState
from core.models import User
from legacy.models import AgentPath, RunPath, ShadowResult, ShadowVerdict
from tests.conftest import People
from tests.legacy.rollout.flags import ruled
from tests.support.running_worker import asked, brought, ended, environment, log_file, working

DOC = (Path(__file__).parent.parent.parent / "docs/migration.md").read_text()
STEPS = {int(part.split(".")[0]): part for part in re.split(r"^## (?=\d)", DOC, flags=re.MULTILINE)[1:]}
FILE = re.compile(r"^```python (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^    (?:NETRA_\w+=\w+ )?\.venv/bin/python manage\.py (.+)$", re.MULTILINE)
COMMANDS = [shlex.split(line) for line in COMMAND.findall(DOC)]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_each_command_is_there_with_its_options(argv: list[str]) -> None:
    name, *options = argv
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(options)


def test_each_step_ends_in_a_command() -> None:
    assert list(STEPS) == list(range(1, 10))
    assert all(COMMAND.search(step) for step in STEPS.values())
    assert {argv[0] for argv in COMMANDS} == {
        *("check", "check_isolation", "migration_status", "isolation_selftest", "migrate_legacy")
    }


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Path]:
    """An empty project of a team's, and an installation that names its roster."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "acme.roster.roster"})
    yield tmp_path
    forgotten()


def forgotten() -> None:
    """As a process that starts anew."""
    for name in [name for name in sys.modules if name.split(".")[0] == "acme"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    shutil.rmtree("acme/__pycache__", ignore_errors=True)


def follow(step: int) -> list[tuple[int, str]]:
    """Write the step's files and run its commands, in their order: how each ended, and what it said."""
    told: list[tuple[int, str]] = []
    for file, text in FILE.findall(STEPS[step]):
        Path(file).write_text(text)
    forgotten()
    for name, *options in map(shlex.split, COMMAND.findall(STEPS[step])):
        out, status = io.StringIO(), 0
        try:
            call_command(name, *options, stdout=out)
        except CommandError as error:
            status = error.returncode
        except SystemExit as error:
            status = int(str(error.code))
        told.append((status, out.getvalue()))
    return told


def statuses(step: int) -> list[int]:
    return [status for status, _ in follow(step)]


def start(user: User, folder: Path) -> Run:
    return asked(user, brought(user, log_file(folder / user.username, feature="demo"), folder))


async def run(user: User, folder: Path) -> None:
    """With the roster as it is now, once what was imported before is forgotten."""
    await asyncio.to_thread(importlib.import_module, "acme.roster")
    async with working(environment(folder, roster="acme.roster.roster")) as (house, engine):
        begun = await sync_to_async(start)(user, folder)
        engine.wake()
        await ended(house, begun)
        while await RunPath.objects.filter(path="shadow").acount() > await ShadowResult.objects.acount():
            await asyncio.sleep(0.02)
    assert (await Run.objects.aget(id=begun.id)).state == RunState.COMPLETED


def paths() -> list[str]:
    return list(RunPath.objects.order_by("id").values_list("path", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_install_to_legacy_code_removed(people: People, acme: Path) -> None:
    def runs() -> None:
        forgotten()
        asyncio.run(run(people.owner, acme))

    # Before: the old file is there, as step 3 has it.
    old = dict(FILE.findall(STEPS[3]))["acme/old_data.py"]
    Path("acme/old_data.py").write_text(old)
    assert statuses(2) == [0, 0, 0]
    (bridged,) = follow(3)
    assert bridged[0] == 0 and "legacy_bridge" in bridged[1]
    runs()

    shutil.copy("acme/old_data.py", "acme/data.py")
    call_command("migrate_legacy", "acme/data.py", write=True, stdout=io.StringIO())
    brought_over = Path("acme/data.py").read_text()
    assert "legacy" not in brought_over and "async def perform" in brought_over
    last = follow(5)[-2:]  # of the file as it is after the hand's part
    assert [status for status, _ in last] == [0, 0] and "0 places left" in last[0][1]
    assert_compliant(importlib.import_module("acme.data").DataAgent)

    ruled(AgentPath.SHADOW, percentage=100)
    assert statuses(6) == [0]
    runs()
    assert ShadowResult.objects.get().verdict == ShadowVerdict.EQUAL
    assert statuses(7) == [1, 1, 1]  # not modern for anybody yet
    ruled(AgentPath.MODERN, percentage=100)
    runs()
    assert paths() == ["legacy", "shadow", "modern"]
    RunPath.objects.exclude(path="modern").delete()  # as after the days that are looked at
    assert statuses(7) == [0, 0, 0] and statuses(8) == [0]

    Path("acme/old_data.py").unlink()
    assert statuses(9) == [0, 0]
    runs()
    assert paths() == ["modern"]
