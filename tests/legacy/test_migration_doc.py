"""docs/migration.md works: its files are written and its commands run in order."""

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
from tests.legacy.rollout.flags import add_rule
from tests.support.running_worker import ask_about_log, await_run_events, environment, log_file, place_log, working

pytestmark = pytest.mark.long

DOC = (Path(__file__).parent.parent.parent / "docs/migration.md").read_text()
STEPS = {int(part.split(".")[0]): part for part in re.split(r"^## (?=\d)", DOC, flags=re.MULTILINE)[1:]}
FILE = re.compile(r"^```python (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^    (?:NETRA_\w+=\w+ )?\.venv/bin/python manage\.py (.+)$", re.MULTILINE)
COMMANDS = [shlex.split(line) for line in COMMAND.findall(DOC)]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_each_command_exists_with_its_options(argv: list[str]) -> None:
    name, *options = argv
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(options)


def test_each_step_contains_a_command() -> None:
    assert list(STEPS) == list(range(1, 10))
    assert all(COMMAND.search(step) for step in STEPS.values())
    assert {argv[0] for argv in COMMANDS} == {
        *("check", "check_isolation", "migration_status", "isolation_selftest", "migrate_legacy")
    }


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Path]:
    """A team's empty package, and an installation that names its roster."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "acme.roster.roster"})
    yield tmp_path
    forget_modules()


def forget_modules() -> None:
    """Remove imported modules, as a new process would."""
    for name in [name for name in sys.modules if name.split(".")[0] == "acme"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    shutil.rmtree("acme/__pycache__", ignore_errors=True)


def run_step(step: int) -> list[tuple[int, str]]:
    """Write the step's files, run its commands in order, and return each one's exit status and output."""
    results: list[tuple[int, str]] = []
    for file, text in FILE.findall(STEPS[step]):
        Path(file).write_text(text)
    forget_modules()
    for name, *options in map(shlex.split, COMMAND.findall(STEPS[step])):
        out, status = io.StringIO(), 0
        try:
            call_command(name, *options, stdout=out)
        except CommandError as error:
            status = error.returncode
        except SystemExit as error:
            status = int(str(error.code))
        results.append((status, out.getvalue()))
    return results


def run_step_statuses(step: int) -> list[int]:
    return [status for status, _ in run_step(step)]


def start_run(user: User, folder: Path) -> Run:
    return ask_about_log(user, place_log(user, log_file(folder / user.username, feature="demo"), folder))


async def run(user: User, folder: Path) -> None:
    """Run with the current roster. Imported modules must have been forgotten."""
    await asyncio.to_thread(importlib.import_module, "acme.roster")
    async with working(environment(folder, roster="acme.roster.roster")) as (services, engine):
        started = await sync_to_async(start_run)(user, folder)
        engine.wake()
        await await_run_events(services, started)
        while await RunPath.objects.filter(path="shadow").acount() > await ShadowResult.objects.acount():
            await asyncio.sleep(0.02)
    assert (await Run.objects.aget(id=started.id)).state == RunState.COMPLETED


def list_paths() -> list[str]:
    return list(RunPath.objects.order_by("id").values_list("path", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_install_to_legacy_code_removed(people: People, acme: Path) -> None:
    def runs() -> None:
        forget_modules()
        asyncio.run(run(people.owner, acme))

    # The legacy file exists before step 1, as in step 3.
    old = dict(FILE.findall(STEPS[3]))["acme/old_data.py"]
    Path("acme/old_data.py").write_text(old)
    assert run_step_statuses(2) == [0, 0, 0]
    (bridge_result,) = run_step(3)
    assert bridge_result[0] == 0 and "legacy_bridge" in bridge_result[1]
    runs()

    shutil.copy("acme/old_data.py", "acme/data.py")
    call_command("migrate_legacy", "acme/data.py", write=True, stdout=io.StringIO())
    migrated = Path("acme/data.py").read_text()
    assert "legacy" not in migrated and "async def perform" in migrated
    last_results = run_step(5)[-2:]  # for the file after the manual changes
    assert [status for status, _ in last_results] == [0, 0] and "0 places to change by hand" in last_results[0][1]
    assert_compliant(importlib.import_module("acme.data").DataAgent)

    add_rule(AgentPath.SHADOW, percentage=100)
    assert run_step_statuses(6) == [0]
    runs()
    assert ShadowResult.objects.get().verdict == ShadowVerdict.EQUAL
    assert run_step_statuses(7) == [1, 1, 1]  # no user has the modern form yet
    add_rule(AgentPath.MODERN, percentage=100)
    runs()
    assert list_paths() == ["legacy", "shadow", "modern"]
    RunPath.objects.exclude(path="modern").delete()  # as after the counted days
    assert run_step_statuses(7) == [0, 0, 0] and run_step_statuses(8) == [0]

    Path("acme/old_data.py").unlink()
    assert run_step_statuses(9) == [0, 0]
    runs()
    assert list_paths() == ["modern"]
