"""A real server for tests: daphne in a process and on a socket of its own, over the test's database and folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from django import conf
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SERVER = """
import sys, os
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from daphne.server import Server
from netra.asgi import application
Server(application, endpoints=[f"fd:fileno={sys.argv[2]}"], ready_callable=lambda: print("ready", flush=True)).run()
"""


@dataclass(frozen=True, slots=True)
class Served:
    origin: str
    pid: int
    data_dir: Path

    def stop(self) -> None:
        """Ask it to end, as an operator would."""
        os.kill(self.pid, signal.SIGTERM)

    @property
    def websocket(self) -> str:
        return self.origin.replace("http", "ws", 1) + "/ws/"

    def get(self, path: str, token: str) -> Any:
        with urlopen(Request(self.origin + path, headers={"Authorization": f"Token {token}"}), timeout=10) as answer:
            return json.load(answer)


@contextmanager
def served(data_dir: Path, **settings: str) -> Iterator[Served]:
    """Daphne over the test's database; stopped by SIGTERM at the end of the block, and must then end by itself."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(settings.get("port", 0))))
        listener.listen(128)
        listener.set_inheritable(True)
        port, fd = listener.getsockname()[1], listener.fileno()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
        # The same key, or sessions made here would be none there.
        ours = {"data_dir": str(data_dir), "port": str(port), "secret_key": conf.settings.SECRET_KEY}
        given = {f"NETRA_{name.upper()}": value for name, value in (ours | settings).items()}
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(connection.settings_dict["NAME"]), str(fd)],
            cwd=ROOT,
            env={**kept, **given},
            stdout=subprocess.PIPE,
            pass_fds=[fd],
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Served(f"http://127.0.0.1:{port}", process.pid, data_dir)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            _ended(process)


def _ended(process: "subprocess.Popen[str]", seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > until:
            process.kill()
            raise AssertionError("the server did not end")
        time.sleep(0.05)
