"""A private Redis of Debian's package for the time of a block."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.parts.ports import free_port
from tests.support.patience import PATIENCE


@dataclass(slots=True)
class Redis:
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = _start_server(self.port)


def is_installed() -> bool:
    return shutil.which("redis-server") is not None


@contextmanager
def redis() -> Iterator[Redis]:
    port = free_port()
    found = Redis(port, _start_server(port))
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()


def _start_server(port: int) -> "subprocess.Popen[bytes]":
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise TimeoutError("Redis did not start")
