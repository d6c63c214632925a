"""A forked process is told, may do and ends as a started one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE
from tests.support.python_processes import ROOT, run_python, start_python

pytestmark = pytest.mark.slow

TELL = """
import json, os, signal, sys
json.dump({
    "arguments": sys.argv, "command": sys.orig_argv, "environment": dict(os.environ), "folder": os.getcwd(),
    "name": __name__, "parent": os.getppid(), "path": sys.path[0],
    "files": sorted(os.listdir("/proc/self/fd"), key=int)[:-1],
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "interrupts": signal.getsignal(signal.SIGINT) is signal.default_int_handler, "own": sorted(
        name for name in sys.modules if name.split(".")[0] in ("core", "netra", "tests", "workloads")),
}, sys.stdout)
"""
ENVIRONMENT = {"PATH": os.defpath, "LC_CTYPE": "C.UTF-8", "NETRA_PORT": "1"}


def tell(arguments: list[str], folder: Path, fork: bool) -> Any:
    options: dict[str, Any] = {"cwd": folder, "env": ENVIRONMENT, "text": True, "timeout": PATIENCE}
    if fork:
        done = run_python(arguments, **options)
    else:
        done = subprocess.run([sys.executable, *arguments], capture_output=True, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("how", ["-c", "-m", "script"])
def test_it_is_told_the_same_as_a_started_one(how: str, tmp_path: Path) -> None:
    (tmp_path / "telling.py").write_text(TELL)
    arguments = {"-c": ["-c", TELL, "one"], "-m": ["-m", "telling", "one"], "script": ["telling.py", "one"]}[how]
    forked, started = tell(arguments, tmp_path, True), tell(arguments, tmp_path, False)
    assert forked == started
    assert forked["parent"] == os.getpid()
    assert forked["environment"] == ENVIRONMENT


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("print('done')", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('why')", 1, "why\n"),
        ("import atexit; atexit.register(print, 'late', file=__import__('sys').stderr)", 0, "late\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt\n"),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL, ""),
    ],
)
def test_it_ends_as_a_started_one(code: str, status: int, says: str) -> None:
    done = run_python(["-c", code], text=True, timeout=PATIENCE)
    assert done.returncode == status
    assert done.stderr.endswith(says)


def test_it_reads_and_is_interrupted() -> None:
    code = "import sys; print(sys.stdin.readline(), end='', flush=True); sys.stdin.read()"
    with start_python(["-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"heard\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"heard\n"
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT


def test_a_passed_descriptor_keeps_its_number() -> None:
    reading, writing = os.pipe()
    with start_python(["-c", f"import os; os.write({writing}, b'passed')"], pass_fds=[writing]):
        os.close(writing)
        with open(reading, "rb") as pipe:
            assert pipe.read() == b"passed"


SERVER = """
import os, sys
from tests.support.python_processes import fork_children
fork_children()
from workloads.child_process import subprocess
environment = {"PYTHONPATH": sys.argv[1], "PYTHONSAFEPATH": "1"}
command = [sys.executable, "-m", "telling"]
child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=sys.argv[1], env=environment)
print(os.getpid(), child.communicate()[0].decode())
sys.exit(child.returncode)
"""


def test_a_server_forks_its_child_processes(tmp_path: Path) -> None:
    (tmp_path / "telling.py").write_text(TELL)
    done = run_python(["-c", SERVER, str(tmp_path)], cwd=ROOT, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    server, _, told = done.stdout.partition(" ")
    child = json.loads(told)
    assert str(child["parent"]) == server
    assert (child["folder"], child["path"]) == (str(tmp_path), str(tmp_path))
    assert child["files"] == ["0", "1", "2"]
    assert "workloads.ingest.pipeline" in child["own"]  # else it has not been forked
