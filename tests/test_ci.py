"""`.ci/run`: in a bare Debian where that can be, right here where it cannot."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BARE = """#!/bin/sh
echo "bare $* in $BARE_DIR" >>"$CALLS"
case "$*" in
true) mkdir -p "$BARE_DIR/bookworm"; exit "${MADE:-0}" ;;
*) echo "12 passed"; exit "${STATUS:-0}" ;;
esac
"""
MAKE = """#!/bin/sh
echo "make $* traces=$NETRA_TRACES no_skips=$NETRA_NO_SKIPS" >>"$CALLS"
exit "${STATUS:-0}"
"""


@dataclass(frozen=True, slots=True)
class CompletedRun:
    status: int
    out: str
    errors: str
    calls: list[str]


class Checkout:
    """A clone with `shared/` beside it, on a machine whose programs note down what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bare_dir = folder, folder / "bare"
        self.clone, self.tools, self.temp = folder / "clone", folder / "tools", folder / "tmp"
        (self.clone / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci/run", self.clone / ".ci/run")
        for each in (self.tools, self.temp, folder / "shared/data", folder / "shared/tools"):
            each.mkdir(parents=True)
        self.tool("make", MAKE)
        self.tool("id", "#!/bin/sh\necho ${ID:-0}\n")
        self.tool("git", "#!/bin/sh\nprintf '%s' \"${CHANGED:-}\"\n")
        for name in ("mount", "umount"):
            self.tool(name, '#!/bin/sh\nexit "${MOUNTED:-0}"\n')
        self.tool("mountpoint", "#!/bin/sh\nexit 1\n")
        self.place(folder / "shared/tools/bare-debian", BARE)

    def tool(self, name: str, script: str) -> None:
        self.place(self.tools / name, script)

    def place(self, path: Path, script: str) -> None:
        path.write_text(script)
        path.chmod(0o755)

    def run(self, **settings: str) -> CompletedRun:
        calls = self.folder / "calls"
        calls.write_text("")
        env = {
            "PATH": f"{self.tools}:{os.defpath}",
            "CALLS": str(calls),
            "BARE_DIR": str(self.bare_dir),
            "TMPDIR": str(self.temp),
        }
        command = ["sh", str(self.clone / ".ci/run")]
        done = subprocess.run(command, env=env | settings, capture_output=True, text=True)
        return CompletedRun(done.returncode, done.stdout, done.stderr, calls.read_text().splitlines())


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("status", [0, 2])
def test_it_runs_in_a_bare_system_and_ends_as_that_does(checkout: Checkout, status: int) -> None:
    done = checkout.run(STATUS=str(status))
    there = f"in {checkout.bare_dir}"
    assert done == CompletedRun(status, "12 passed\n", "", [f"bare true {there}", f"bare IN_BARE=1 sh .ci/run {there}"])


def test_within_it_the_suite_runs_with_every_part_required(checkout: Checkout) -> None:
    done = checkout.run(IN_BARE="1")
    assert done.calls == [f"make -k test thorough traces={checkout.folder / 'shared/data'} no_skips=1"]
    assert (done.status, done.out) == (0, "")


@pytest.mark.parametrize(
    ("settings", "because"),
    [
        ({"ID": "1000"}, "only root can make one"),
        ({"CHANGED": " M a.py"}, "it would be given what is committed, and that is not what is here"),
        ({"MOUNTED": "32"}, "nothing can be mounted here"),
        ({"MADE": "1"}, "it could not be made"),
    ],
    ids=["user", "changed", "mount", "made"],
)
def test_where_that_cannot_be_it_says_why_and_runs_here(
    checkout: Checkout, settings: dict[str, str], because: str
) -> None:
    done = checkout.run(STATUS="2", **settings)
    assert (done.status, done.out) == (2, f"Not in a bare Debian: {because}.\n")
    assert done.calls[-1].startswith("make -k test thorough ")


def test_without_the_tool_it_runs_here_as_ever(checkout: Checkout) -> None:
    (checkout.folder / "shared/tools/bare-debian").unlink()
    done = checkout.run()
    assert (done.status, done.out) == (0, "")
    assert [call.partition(" traces")[0] for call in done.calls] == ["make -k test thorough"]


@pytest.mark.parametrize("status", ["0", "1"])
def test_what_somebody_else_has_begun_is_left_alone(checkout: Checkout, status: str) -> None:
    begun = checkout.bare_dir / "bookworm/usr"
    begun.mkdir(parents=True)
    done = checkout.run(STATUS=status)
    assert (done.status, done.out) == (int(status), "12 passed\n")
    assert all(f"in {checkout.temp}" in call for call in done.calls)
    assert begun.is_dir()
    assert list(checkout.temp.iterdir()) == []


def test_clones_in_which_nobody_works_any_more_go(checkout: Checkout) -> None:
    srv = checkout.bare_dir / "bookworm/srv"
    for name in ("netra.stopped", "netra.used", "netra.new", "else"):
        (srv / name / "netra").mkdir(parents=True)
    (srv.parent / ".made").touch()
    for name in ("netra.stopped", "netra.used", "else"):
        os.utime(srv / name, (0, 0))
    with subprocess.Popen(["cat"], cwd=srv / "netra.used/netra", stdin=subprocess.PIPE):  # until its input ends
        checkout.run()
    assert {path.name for path in srv.iterdir()} == {"netra.used", "netra.new", "else"}


def test_it_needs_the_traces(checkout: Checkout) -> None:
    (checkout.folder / "shared/data").rmdir()
    done = checkout.run()
    assert (done.status, done.calls) == (1, [])
    assert "The traces are not at" in done.errors
