"""Child processes that are started in order, started again when they end, and stopped together.

Each one's output is printed line by line with its name in front. None outlives this process, even if it is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from threading import Event, Thread

from core.exceptions import OperatorError
from netra.scale_out.parts import ManagedProcess, find_program

READY_SECONDS = 120.0
STOP_SECONDS = 40.0
POLL_SECONDS = 0.1
LONGEST_PAUSE = 10.0  # seconds before a process that keeps ending is started again

Say = Callable[[str], None]


class Interrupted(Exception):
    """The parts are to be stopped."""


@dataclass(slots=True)
class RunningPart:
    """`starts` counts those since it was last ready; `next_start` is on the monotonic clock."""

    part: ManagedProcess
    process: "subprocess.Popen[bytes]"
    printer: Thread
    starts: int = 0
    next_start: float | None = None


class Supervisor:
    """`kept_open` are descriptors that the parts inherit. Call it from one thread: the processes die with that."""

    def __init__(self, stopped: Event, say: Say, kept_open: Sequence[int]) -> None:
        self._stopped = stopped
        self._say = say
        self._kept_open = tuple(kept_open)
        self._running: list[RunningPart] = []

    def start(self, *parts: ManagedProcess) -> None:
        """Start them beside each other and wait until all are ready. Raises Interrupted and OperatorError."""
        begun = [RunningPart(part, *self._spawn(part)) for part in parts]
        self._running += begun
        until = time.monotonic() + READY_SECONDS
        for running in begun:
            while not running.part.is_ready():
                if running.process.poll() is not None or time.monotonic() > until:
                    raise OperatorError(f"{running.part.name} did not start; its last lines are above.")
                self._pause()

    def run(self, part: ManagedProcess) -> None:
        """Run it to its end. Raises Interrupted, and OperatorError if it fails."""
        process, printer = self._spawn(part)
        try:
            while process.poll() is None:
                self._pause()
        finally:
            if process.poll() is None:
                process.send_signal(part.stop_signal)
                _await_end(process)
        printer.join()
        if process.returncode != 0:
            raise OperatorError(f"{part.name} failed; its last lines are above.")

    def watch(self) -> None:
        """Start each part again that ends, until `stopped` is set."""
        while not self._stopped.wait(POLL_SECONDS):
            for running in self._running:
                self._revive(running)

    def stop(self) -> None:
        """Stop all parts, those first that need others; kill what does not end in time."""
        by_stage = sorted(self._running, key=lambda running: running.part.stage, reverse=True)
        for _, group in groupby(by_stage, key=lambda running: running.part.stage):
            stopping = tuple(group)
            for running in stopping:
                if running.process.poll() is None:
                    running.process.send_signal(running.part.stop_signal)
                    running.process.send_signal(signal.SIGCONT)  # somebody may have stopped it
            for running in stopping:
                if not _await_end(running.process):
                    self._say(f"{running.part.name} did not stop in time, and was killed.")
                running.printer.join(timeout=1)
        self._running.clear()

    def _revive(self, running: RunningPart) -> None:
        status = running.process.poll()
        if status is None:
            if running.starts and running.part.is_ready():
                running.starts = 0
            return
        if running.next_start is None:
            _kill_group(running.process.pid)
            pause = min(LONGEST_PAUSE, 2.0**running.starts - 1)
            self._say(f"{running.part.name} {_describe_end(status)}; it is started again.")
            running.next_start = time.monotonic() + pause
        if time.monotonic() >= running.next_start:
            running.process, running.printer = self._spawn(running.part)
            running.starts += 1
            running.next_start = None

    def _pause(self) -> None:
        if self._stopped.wait(POLL_SECONDS):
            raise Interrupted

    def _spawn(self, part: ManagedProcess) -> "tuple[subprocess.Popen[bytes], Thread]":
        # In a session of its own: a terminal's Ctrl-C is for this process, which stops them in order.
        process = subprocess.Popen(
            [find_program("setpriv"), *_build_privileges(part), *part.command],
            env={**os.environ, **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._kept_open,
        )
        printer = Thread(target=self._print_output, args=(part.name, process), daemon=True)
        printer.start()
        return process, printer

    def _print_output(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None  # noqa: S101  # for the type checker
        with process.stdout as lines:
            for line in lines:
                self._say(f"{name:<10} | {line.decode(errors='replace').rstrip()}")


def _build_privileges(part: ManagedProcess) -> tuple[str, ...]:
    death = ("--pdeathsig", part.death_signal.name.removeprefix("SIG"))
    if part.account is None:
        return death
    return ("--reuid", part.account, "--regid", part.account, "--init-groups", *death)


def _kill_group(leader: int) -> None:
    """Kill what a process has left behind that would be in the way of its successor, such as nginx's workers."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _await_end(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether it ended by itself."""
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def _describe_end(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
