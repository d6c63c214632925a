"""A real server for tests: daphne in a process and on a socket of its own, over the test's database and folder."""

import errno
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

from django import conf
from django.db import connection

from tests.support.patience import PATIENCE
from tests.support.python_processes import start_python

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys, os
from tests.support.added_languages import add_languages
add_languages(os.environ.get("TEST_LANGUAGES"))
from tests.support.python_processes import fork_children
fork_children()
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from daphne.server import Server
settings.ROOT_URLCONF = os.environ.get("ROOT_URLCONF", settings.ROOT_URLCONF)
from netra.asgi import application
from netra.process import exit_now
Server(application, endpoints=[f"fd:fileno={sys.argv[2]}"], ready_callable=lambda: print("ready", flush=True)).run()
exit_now(0)
"""
# As `manage.py run` does it, on a database that the environment names.
INSTALLED = """
import sys, os, socket
from tests.support.python_processes import fork_children
fork_children()
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
import django
django.setup()
from netra.process import exit_now
from netra.server.runner import serve
serve(socket.socket(fileno=int(sys.argv[1])), lambda: print("ready", flush=True))
exit_now(0)
"""
# As `daphne netra.asgi:application` on a command line does it, over the test's database; mails go to files.
COMMANDED = """
import sys, os
from tests.support.python_processes import fork_children
fork_children()
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = os.path.join(settings.NETRA.data_dir, "mails")
settings.ACCOUNT_RATE_LIMITS = False
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from daphne.cli import CommandLineInterface
from twisted.internet import reactor
reactor.callWhenRunning(lambda: print("ready", flush=True))
CommandLineInterface().run(["-v", "0", *sys.argv[2:-1], "--fd", sys.argv[-1], "netra.asgi:application"])
"""
ELSEWHERE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class LiveServer:
    origin: str
    pid: int
    data_dir: Path
    errors: Path | None = None  # what it says on stderr, where that was asked for

    def kill(self) -> None:
        """As a machine that loses its power."""
        os.kill(self.pid, signal.SIGKILL)

    def read_log(self) -> str:
        """Its log so far."""
        return self.errors.read_text(errors="replace") if self.errors is not None else ""

    def stop(self) -> None:
        """Ask it to end, as an operator would."""
        os.kill(self.pid, signal.SIGTERM)

    @property
    def websocket(self) -> str:
        return self.origin.replace("http", "ws", 1) + "/ws/"

    def get(self, path: str, token: str) -> Any:
        with urlopen(
            Request(self.origin + path, headers={"Authorization": f"Token {token}"}), timeout=PATIENCE
        ) as answer:
            return json.load(answer)


@contextmanager
def run_live_server(
    data_dir: Path, *, variables: Mapping[str, str] | None = None, **settings: str
) -> Iterator[LiveServer]:
    """Daphne over the test's database; stopped by SIGTERM at the end of the block, and must then end by itself.

    `variables`: more of its environment, under their own names. TEST_LANGUAGES is a folder of .po files.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    given = kept | _name_settings(data_dir, settings) | dict(variables or {})
    port = int(settings.get("port", 0))
    with _launch([SERVER, str(connection.settings_dict["NAME"])], data_dir, given, port) as running:
        yield running


@contextmanager
def run_daphne_command(
    data_dir: Path, *options: str, errors: Path | None = None, **settings: str
) -> Iterator[LiveServer]:
    """`daphne OPTIONS netra.asgi:application` over the test's database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    given = kept | _name_settings(data_dir, settings)
    program = [COMMANDED, str(connection.settings_dict["NAME"]), *options]
    with _launch(program, data_dir, given, 0, errors) as running:
        yield running


def _name_settings(data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    ours = {
        "data_dir": str(data_dir),
        "secret_key": conf.settings.SECRET_KEY,  # or sessions made here would be none there
        "legacy": "warn",
        "reading_seconds": str(int(PATIENCE)),
    }
    return {f"NETRA_{name.upper()}": value for name, value in (ours | dict(settings)).items()}


def bare(**more: str) -> dict[str, str]:
    """The environment without anything that says how Netra is installed, and `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    return {name: value for name, value in plain.items() if name not in ELSEWHERE} | more


@contextmanager
def run_installed_server(environment: Mapping[str, str], errors: Path, port: int = 0) -> Iterator[LiveServer]:
    """The server of an installation that is not the test's, as `manage.py run` starts it; its log goes to `errors`.

    May be killed within the block.
    """
    with _launch([INSTALLED], Path(environment["NETRA_DATA_DIR"]), environment, port, errors) as running:
        yield running


@contextmanager
def _launch(
    program: Sequence[str],
    data_dir: Path,
    environment: Mapping[str, str],
    port: int,
    errors: Path | None = None,
) -> Iterator[LiveServer]:
    data_dir.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listener, ExitStack() as stack:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, port)
        listener.listen(512)
        listener.set_inheritable(True)
        port, fd = listener.getsockname()[1], listener.fileno()
        process = start_python(
            ["-c", *program, fd],
            cwd=ROOT,
            env={**environment, "NETRA_PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=stack.enter_context(errors.open("a")) if errors is not None else None,
            pass_fds=[fd],
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", "the server did not start"
            # Mails are printed: nobody to read them, and the server would wait for one in the end.
            Thread(target=process.stdout.read, daemon=True).start()
            yield LiveServer(f"http://127.0.0.1:{port}", process.pid, data_dir, errors)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            _await_end(process)


def _bind(listener: socket.socket, port: int, seconds: float = PATIENCE) -> None:
    """A given port may still be that of the server before, which is asked to end and has not ended."""
    until = time.monotonic() + seconds
    while True:
        try:
            return listener.bind(("127.0.0.1", port))
        except OSError as error:
            if not port or error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _await_end(process: "subprocess.Popen[str]", seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > until:
            process.kill()
            raise AssertionError("the server did not end")
        time.sleep(0.05)
