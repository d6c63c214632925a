"""Processes of Python for tests. Most of the second that one takes to start is spent on importing modules, so they
are forked from a process that has imported them (tests/support/fork_server.py)."""

import ctypes
import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from tests.support import fork_server
from workloads import child_process

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = (
    "workloads.analysis.calculator_child",
    "workloads.ingest.sandbox_child",
    "workloads.invoices.reading",
)
"""Of our child processes. What they import needs no settings."""

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
STANDARD = (0, 1, 2)


STARTING = Lock()
"""Of a fork server: two threads that need the first process at once would start one each, and lose one."""


class PythonProcess(subprocess.Popen[Any]):
    """`python *arguments`, a child of this process as any other.

    Its first argument is -c, -m or a script: who wants an option of the interpreter starts one."""

    def __init__(self, server: "ForkServer", arguments: Sequence[str], **options: Any) -> None:
        self._server = server
        super().__init__(arguments, **options)

    def _execute_child(
        self,
        args: Sequence[str],
        executable: Any,
        preexec_fn: Any,
        close_fds: Any,
        pass_fds: Sequence[int],
        cwd: Any,
        env: Mapping[str, str] | None,
        startupinfo: Any,
        creationflags: Any,
        shell: Any,
        p2cread: int,
        p2cwrite: int,
        c2pread: int,
        c2pwrite: int,
        errread: int,
        errwrite: int,
        restore_signals: Any,
        gid: Any,
        gids: Any,
        uid: Any,
        umask: Any,
        start_new_session: bool,
        *_: Any,
    ) -> None:
        given = zip((p2cread, c2pwrite, errwrite), STANDARD, strict=True)
        streams = [number if end == -1 else end for end, number in given]
        request = {
            "arguments": [str(each) for each in args],
            "environment": dict(os.environ if env is None else env),
            "folder": str(cwd or Path.cwd()),
            "session": start_new_session,
            "descriptors": [*STANDARD, *pass_fds],
        }
        try:
            self.pid = self._server.fork(request, [*streams, *pass_fds])
            self._child_created = True
        finally:
            self._close_pipe_fds(  # type: ignore[attr-defined]
                p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite
            )


def start_python(arguments: Sequence[object], **options: Any) -> "subprocess.Popen[Any]":
    """Start `python *arguments` with the options of `subprocess.Popen`."""
    words = [str(each) for each in arguments]
    if platform.system() != "Linux":  # nowhere else can a process become the parent of another's child
        return subprocess.Popen([sys.executable, *words], **options)
    environment, folder = options.get("env") or os.environ, options.get("cwd") or Path.cwd()
    with STARTING:
        server = _find_fork_server(_imports_ours(environment, folder))
    return PythonProcess(server, words, **options)


def _imports_ours(environment: Mapping[str, str], folder: str | Path) -> bool:
    """Whether a process imports the modules of this tree, and not those of another one."""
    if "PYTHONSAFEPATH" in environment:
        return environment.get("PYTHONPATH") == str(ROOT)
    return Path(folder) == ROOT


def run_python(
    arguments: Sequence[object], *, timeout: float | None = None, **options: Any
) -> "subprocess.CompletedProcess[Any]":
    """Run `python *arguments`, as `subprocess.run` does, and return what it writes."""
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start_python(arguments, **piped, **options) as process:
        try:
            out, errors = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess([str(each) for each in arguments], process.returncode, out, errors)


FORKING = SimpleNamespace(PIPE=subprocess.PIPE, Popen=lambda command, **options: start_python(command[1:], **options))
"""What `workloads.child_process` may have for `subprocess`."""


def fork_children() -> None:
    """For the very start of a process: its child processes are forked from a copy of what it is now."""
    if platform.system() != "Linux" or child_process.subprocess is not subprocess:  # type: ignore[attr-defined]
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        fork_server.close_descriptors(theirs)
        fork_server.import_programs(PROGRAMS)
        sys.path[:] = filter(None, sys.path)  # the folder of a child process has data
        fork_server.answer_requests(theirs)
        os._exit(0)
    theirs.close()
    server = ForkServer(ours)
    forking = SimpleNamespace(
        PIPE=subprocess.PIPE, Popen=lambda command, **options: PythonProcess(server, command[1:], **options)
    )
    child_process.subprocess = forking  # type: ignore[attr-defined, assignment]


class ForkServer:
    """The process that forks others, and our end of the line to it. It ends with the last copy of that end."""

    def __init__(self, line: socket.socket, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self._lock = Lock()
        self._socket = line
        self._process = process

    def fork(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> int:
        """Return the id of the new process, whose parent is this one."""
        with self._lock:
            collect_orphans(True)
            try:
                socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
                return int(self._socket.recv(fork_server.MESSAGE))
            finally:
                collect_orphans(False)


@cache
def _find_fork_server(ours: bool) -> ForkServer:
    """Return the one that has the modules of this tree, or the one that has those of none."""
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, fork_server.__file__, str(theirs.fileno()), *(PROGRAMS if ours else ())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )
    return ForkServer(line, process)


def collect_orphans(wanted: bool) -> None:
    """While wanted, whoever loses its parent becomes a child of this process, if it descends from it."""
    ctypes.CDLL(None).prctl(SUBREAPER, int(wanted))
