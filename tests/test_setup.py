"""Setting up a fresh machine, the locked requirements, and skips where every part is required."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
PYTHON = """#!/bin/sh
echo "python3 $*" >>"$CALLS"
case "$*" in
*ensurepip*) [ -e "$TOOLS/ensurepip" ] ;;
"-m venv"*) mkdir -p .venv/bin && cp "$TOOLS/inner" .venv/bin/python && touch .venv/pip ;;
esac
"""
INNER = """#!/bin/sh
case "$*" in
*"import pip"*) [ -e .venv/pip ] ;;
*) echo "pip" >>"$CALLS"; [ ! -e "$TOOLS/offline" ] ;;
esac
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
echo "debconf: delaying package configuration" >&2
[ ! -e "$TOOLS/offline" ] || exit 100
touch "$TOOLS/ensurepip"
"""


class Machine:
    """A clone on a machine whose python3, apt-get and id are scripts that note down what they were asked."""

    def __init__(self, folder: Path, *, uid: int = 1000) -> None:
        self.clone, self.tools, self.calls = folder / "a clone", folder / "tools", folder / "calls"
        (self.clone / ".ci").mkdir(parents=True)
        self.tools.mkdir()
        for name in ("venv", "apt"):
            shutil.copy(ROOT / ".ci" / name, self.clone / ".ci" / name)
        (self.clone / "locked.txt").write_text("django==5.2.19\n")
        self.tool("python3", PYTHON)
        self.tool("inner", INNER)
        self.tool("apt-get", APT)
        self.tool("id", f"#!/bin/sh\necho {uid}\n")
        (self.tools / "ensurepip").touch()

    def tool(self, name: str, script: str) -> None:
        (self.tools / name).write_text(script)
        (self.tools / name).chmod(0o755)

    def set_up(self, wanted: str = "locked.txt") -> tuple[int, str, list[str]]:
        """Exit status, what standard error says, and what was called."""
        self.calls.write_text("")
        env = {"PATH": f"{self.tools}:{os.defpath}", "TOOLS": str(self.tools), "CALLS": str(self.calls)}
        done = subprocess.run(
            ["sh", ".ci/venv", wanted], cwd=self.clone, env=env, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.returncode, done.stderr, self.calls.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_it_installs_once(machine: Machine) -> None:
    status, _, calls = machine.set_up()
    assert (status, calls[-1]) == (0, "pip")
    assert machine.set_up() == (0, "", [])


def test_it_installs_again_when_the_locked_requirements_change(machine: Machine) -> None:
    machine.set_up()
    (machine.clone / "locked.txt").write_text("django==5.2.20\n")
    assert machine.set_up() == (0, "", ["pip"])


def test_what_the_tests_need_serves_for_a_run_too(machine: Machine) -> None:
    (machine.clone / "requirements-dev.txt").write_text("django==5.2.19\npytest==9.2.0\n")
    machine.set_up("requirements-dev.txt")
    assert machine.set_up() == (0, "", [])
    (machine.clone / "requirements-dev.txt").write_text("django==5.2.20\npytest==9.2.0\n")
    assert machine.set_up() == (0, "", ["pip"])


def test_an_install_that_failed_is_tried_again(machine: Machine) -> None:
    machine.set_up()
    (machine.clone / "locked.txt").write_text("django==5.2.20\n")
    (machine.tools / "offline").touch()
    assert machine.set_up()[0] != 0
    (machine.clone / "locked.txt").write_text("django==5.2.19\n")
    (machine.tools / "offline").unlink()
    assert machine.set_up()[2][-1] == "pip"


def test_a_half_made_environment_is_made_again(machine: Machine) -> None:
    machine.set_up()
    (machine.clone / ".venv/pip").unlink()
    assert machine.set_up()[2][-2:] == ["python3 -m venv --clear .venv", "pip"]


def test_an_environment_that_was_moved_is_made_again(machine: Machine) -> None:
    machine.set_up()
    machine.clone = machine.clone.rename(machine.clone.parent / "elsewhere")
    assert machine.set_up()[2][-2:] == ["python3 -m venv --clear .venv", "pip"]


def test_it_says_in_one_line_that_the_venv_module_is_missing(machine: Machine) -> None:
    (machine.tools / "ensurepip").unlink()
    status, said, calls = machine.set_up()
    assert status == 1
    assert said.count("\n") == 1
    assert "apt-get install python3-venv" in said
    assert not any(call.startswith("apt-get") for call in calls)


def test_it_installs_the_venv_module_as_root(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=0)
    (machine.tools / "ensurepip").unlink()
    status, said, calls = machine.set_up()
    assert (status, said, calls[-1]) == (0, "", "pip")
    assert any(re.match(r"apt-get .* install python3-venv", call) for call in calls)


def test_what_installing_says_is_shown_where_it_fails(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=0)
    (machine.tools / "ensurepip").unlink()
    (machine.tools / "offline").touch()
    status, said, calls = machine.set_up()
    assert (status, said) == (1, "debconf: delaying package configuration\n")
    assert not any("-m venv" in call for call in calls)


def test_it_takes_a_newer_python_than_the_default_one_and_names_its_package(machine: Machine) -> None:
    machine.tool("python3", "#!/bin/sh\nexit 1\n")
    machine.tool("python3.14", PYTHON)
    (machine.tools / "ensurepip").unlink()
    assert "apt-get install python3.14-venv" in machine.set_up()[1]


def test_it_says_that_python_is_too_old(machine: Machine) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        machine.tool(name, "#!/bin/sh\nexit 1\n")
    status, said, _ = machine.set_up()
    assert (status, said) == (1, "Netra needs Python 3.11 or newer; there is none on the PATH.\n")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_locked_requirement_is_exact_and_comes_from_the_users_own_index(name: str) -> None:
    text = (ROOT / name).read_text()
    requirements = re.split(r"\n(?! )", text.strip())
    assert len(requirements) > 10
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9, ]+\])?==\S+", requirement), requirement[:80]
        assert "--hash=sha256:" in requirement
    assert "://" not in text


@pytest.mark.parametrize(("required", "status"), [("1", 1), ("", 0)])
def test_a_skip_fails_where_every_part_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str, status: int
) -> None:
    monkeypatch.setenv("NETRA_NO_SKIPS", required)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest("from tests.conftest import pytest_sessionfinish, pytest_terminal_summary")
    pytester.makepyfile("import pytest\n\n\ndef test_one():\n    pytest.skip('not here')\n")
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(skipped=1)
    assert done.ret == status
