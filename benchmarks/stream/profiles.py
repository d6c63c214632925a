"""An installation of either profile for one benchmark, with the server under measurement on it."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.postgresql import postgresql
from tests.parts.redis import redis

ROOT = Path(__file__).resolve().parents[2]


CONNECTIONS = "20000"  # all users of a benchmark are one address


@dataclass(frozen=True, slots=True)
class StreamServer:
    port: int
    pid: int


@contextmanager
def profile(name: str) -> Iterator[None]:
    """Set this process's environment to the profile "embedded" or "scale-out", before Django reads its settings."""
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="netra-stream-"))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
        os.environ |= {"NETRA_DATA_DIR": folder, "NETRA_SECRET_KEY": "of this benchmark " * 4, "NETRA_MODEL": "offline"}
        os.environ |= {"NETRA_CONNECTIONS": CONNECTIONS, "NETRA_CONNECTIONS_PER_ADDRESS": CONNECTIONS}
        if name == "scale-out":
            database, redis_server = parts.enter_context(postgresql(durable=True)), parts.enter_context(redis())
            os.environ |= {"DATABASE_URL": database.application, "DATABASE_OWNER_URL": database.owner}
            os.environ |= {"REDIS_URL": redis_server.url, "NETRA_DATA_SHARED": "true"}
        yield


@contextmanager
def running_server(kind: str) -> Iterator[StreamServer]:
    """A server of its own: "plain" for raw and naive, or "netra"."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        listener.set_inheritable(True)
        port, fd = listener.getsockname()[1], listener.fileno()
        command = [sys.executable, "-m", "benchmarks.stream.server", str(fd), kind]
        server = subprocess.Popen(command, cwd=ROOT, pass_fds=[fd], stdout=subprocess.PIPE, text=True)
        try:
            if server.stdout is None or server.stdout.readline() != "ready\n":
                raise RuntimeError("the server under measurement did not start")
            yield StreamServer(port, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)
