"""`manage.py run_scaled` as the process that it is, and what it starts."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tests.parts.ports import free_port
from tests.support.live_server import ROOT, LiveServer, bare
from tests.support.patience import PATIENCE
from tests.support.python_processes import start_python

SIGN_IN = re.compile(r"^  (\w+) +(\S+)", re.MULTILINE)
READY = "Press Ctrl-C to stop. All data is saved."


class ScaledProcess:
    """The launcher, and what it has printed so far."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path, port: int) -> None:
        self.process, self.folder, self.port = process, folder, port
        self.lines: list[str] = []
        self._ready = Event()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    @property
    def server(self) -> LiveServer:
        """What answers on the proxy's port."""
        return LiveServer(f"http://127.0.0.1:{self.port}", self.process.pid, self.folder / "data")

    def await_start(self) -> "ScaledProcess":
        assert self._ready.wait(PATIENCE), self.said
        assert self.process.poll() is None, self.said
        return self

    def find_password(self, name: str) -> str:
        return str(dict(SIGN_IN.findall(self.said))[name])

    def list_processes(self, word: str) -> list[int]:
        """The ids of its children whose command has this word, by age."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = sorted(int(pid) for path in tasks for pid in path.read_text().split())
        commands = {pid: read_command(pid) for pid in children}
        # The test's own helper, from which the launcher was forked.
        return [pid for pid, command in commands.items() if word in command and "fork_server" not in command]

    def stop(self, how: signal.Signals) -> int:
        """The exit status, once all output has been read."""
        self.process.send_signal(how)
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return self.process.returncode

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))
                if READY in line:
                    self._ready.set()
        self._ready.set()


@contextmanager
def running_scaled(folder: Path, *options: str, **settings: str) -> Iterator[ScaledProcess]:
    """It may be killed within the block."""
    port = free_port()
    command = ["manage.py", "run_scaled", "--folder", str(folder), "--port", str(port), *options]
    environment = bare(NETRA_DATA_DIR=str(folder / "unused"), PYTHONIOENCODING="utf-8", **settings)
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = start_python(command, cwd=ROOT, env=environment, text=True, **piped)
    try:
        yield ScaledProcess(process, folder, port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def remove_cluster(folder: Path) -> None:
    """Root's PostgreSQL has its folder elsewhere."""
    if os.getuid() == 0 and (link := folder / "postgresql").is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)


def read_command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
