"""Processes of Python for tests. Most of the second that one takes to start is spent on importing libraries, so they
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

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
STANDARD = (0, 1, 2)


class PythonProcess(subprocess.Popen[Any]):
    """`python *arguments`, a child of this process as any other.

    Its first argument is -c, -m or a script: who wants an option of the interpreter starts one."""

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
            self.pid = _find_fork_server().fork(request, [*streams, *pass_fds])
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
    return PythonProcess(words, **options)


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


class ForkServer:
    def __init__(self) -> None:
        self._lock = Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # It ends with the last copy of our end of the line.
            self._process = subprocess.Popen(
                [sys.executable, fork_server.__file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            )

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
def _find_fork_server() -> ForkServer:
    return ForkServer()


def collect_orphans(wanted: bool) -> None:
    """While wanted, whoever loses its parent becomes a child of this process, if it descends from it."""
    ctypes.CDLL(None).prctl(SUBREAPER, int(wanted))
