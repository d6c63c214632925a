"""Parts that are shell scripts: how they are started, watched, printed and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from core.exceptions import OperatorError
from netra.scale_out.parts import ManagedProcess, find_free_ports
from netra.scale_out.supervisor import Interrupted, Supervisor
from tests.support.patience import PATIENCE


def script(name: str, text: str, *, stage: int = 0, is_ready: Callable[[], bool] = lambda: True) -> ManagedProcess:
    return ManagedProcess(name=name, command=("sh", "-c", text), stage=stage, is_ready=is_ready)


def await_true(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


class Stage:
    """A supervisor, and what it has said."""

    def __init__(self) -> None:
        self.stopped = Event()
        self.said: list[str] = []
        self.supervisor = Supervisor(self.stopped, self.said.append, ())

    def watch_until(self, condition: Callable[[], bool]) -> None:
        def stop() -> None:
            try:
                await_true(condition)
            finally:
                self.stopped.set()

        thread = Thread(target=stop)
        thread.start()
        self.supervisor.watch()
        thread.join()
        assert condition()


def test_each_line_has_its_parts_name_in_front(tmp_path: Path) -> None:
    stage, written = Stage(), tmp_path / "written"
    stage.supervisor.start(
        script("one", "echo here; echo there >&2; sleep 99"),
        script("two", f"printf 'no end'; touch {written}; exec sleep 99"),
    )
    await_true(lambda: len(stage.said) == 2 and written.exists())
    stage.supervisor.stop()
    assert stage.said == ["one        | here", "one        | there", "two        | no end"]


def test_a_part_that_ends_is_started_again(tmp_path: Path) -> None:
    stage, starts = Stage(), tmp_path / "starts"
    stage.supervisor.start(script("fragile", f"echo $$ >>{starts}; exec sleep 99"))
    await_true(lambda: starts.exists() and starts.read_text().endswith("\n"))
    os.kill(int(starts.read_text()), signal.SIGKILL)
    stage.watch_until(lambda: len(starts.read_text().splitlines()) == 2)
    stage.supervisor.stop()
    assert stage.said == ["fragile was ended by SIGKILL; it is started again."]


def test_parts_are_stopped_before_what_they_need(tmp_path: Path) -> None:
    stage, ends = Stage(), tmp_path / "ends"
    ready = tmp_path / "ready"
    for number, name in enumerate(("database", "server", "proxy")):
        text = f"trap 'echo {name} >>{ends}; exit' TERM; touch {ready}{number}; while :; do sleep 0.01; done"
        stage.supervisor.start(script(name, text, stage=number, is_ready=Path(f"{ready}{number}").exists))
    stage.supervisor.stop()
    assert ends.read_text().split() == ["proxy", "server", "database"]


def test_a_stopped_process_is_woken_to_end() -> None:
    stage, pids = Stage(), []
    stage.supervisor.start(script("frozen", "echo $$; exec sleep 99"))
    await_true(lambda: bool(stage.said))
    pids.append(int(stage.said[0].split()[-1]))
    os.kill(pids[0], signal.SIGSTOP)
    stage.supervisor.stop()
    assert not Path(f"/proc/{pids[0]}").exists()


def test_a_part_that_does_not_start_is_named() -> None:
    stage = Stage()
    with pytest.raises(OperatorError, match=r"broken did not start"):
        stage.supervisor.start(script("broken", "echo why; exit 3", is_ready=lambda: False))
    stage.supervisor.stop()
    assert stage.said == ["broken     | why"]


def test_waiting_for_a_part_ends_when_all_is_to_stop() -> None:
    stage = Stage()
    stage.stopped.set()
    with pytest.raises(Interrupted):
        stage.supervisor.start(script("slow", "exec sleep 99", is_ready=lambda: False))
    with pytest.raises(Interrupted):
        stage.supervisor.run(script("long", "exec sleep 99"))
    stage.supervisor.stop()


def test_a_step_that_fails_is_named() -> None:
    stage = Stage()
    stage.supervisor.run(script("step", "exit 0"))
    with pytest.raises(OperatorError, match=r"step failed"):
        stage.supervisor.run(script("step", "exit 1"))


LAUNCHER = """
from threading import Event
from netra.scale_out.parts import ManagedProcess
from netra.scale_out.supervisor import Supervisor
supervisor = Supervisor(Event(), lambda line: print(line, flush=True), ())
command = ("sh", "-c", "echo $$; exec sleep 99")
supervisor.start(ManagedProcess(name="orphan", command=command, stage=0, is_ready=lambda: True))
supervisor.watch()
"""


def test_no_part_outlives_a_killed_launcher() -> None:
    command = [sys.executable, "-c", LAUNCHER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as launcher:
        assert launcher.stdout is not None
        pid = int(launcher.stdout.readline().split()[-1])
        assert Path(f"/proc/{pid}").exists()
        launcher.kill()
    await_true(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


def test_ports_differ() -> None:
    assert len(set(find_free_ports(50))) == 50
