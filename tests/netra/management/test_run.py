"""`manage.py run`, as the process that it is: what a start makes, tells and keeps, and how it ends."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python, start_python

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SIGN_IN = re.compile(r"^  (\w+) +(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port(21_000)


def free_port(first: int) -> int:
    """One that nobody listens on, below those that outgoing connections are given."""
    for port in range(first, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory, port: int) -> "FirstStart":
    """It migrates and makes the sample log, which takes seconds. Nothing is started in this folder again."""
    data = tmp_path_factory.mktemp("first") / "data"
    with run_server(data, port) as server:
        server.ready()
        browser = Browser(port)
        browser.sign_in("ana", server.passwords()["ana"])
        user, logs = browser.get("/api/me/"), browser.get("/api/workloads/")
        status = server.end(signal.SIGINT)
    return FirstStart(data, server, browser, json.loads(user), json.loads(logs)["results"], status)


@pytest.fixture(scope="module")
def data(first_start: "FirstStart", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an installation that has been started before."""
    return shutil.copytree(first_start.data, tmp_path_factory.mktemp("run") / "data")


def command(data: Path, *arguments: str, **settings: str) -> dict[str, Any]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("NETRA_")}
    return {
        "arguments": ["manage.py", *arguments],
        "cwd": ROOT,
        "env": plain | {"NETRA_DATA_DIR": str(data), "PYTHONIOENCODING": "utf-8"} | settings,
        "text": True,
    }


def manage(data: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return run_python(**command(data, *arguments, **settings), timeout=PATIENCE)


@contextmanager
def patience(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Within the block the process is killed once nobody has patience any more: reading from it ends then."""
    timer = Timer(PATIENCE, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class ServerProcess:
    """A running server. `said`: what it told until it was ready, and after `end` all of it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.said = ""
        self.errors = ""

    def ready(self) -> "ServerProcess":
        assert self.process.stdout is not None
        with patience(self.process):
            for line in self.process.stdout:
                self.said += line
                if line.startswith("Press Ctrl-C"):
                    return self
        raise AssertionError(f"it ended: {self.said}{self.process.communicate()[1]}")

    def end(self, how: int) -> int:
        """Its exit status."""
        self.process.send_signal(how)
        said, self.errors = self.process.communicate(timeout=PATIENCE)
        self.said += said
        return self.process.returncode

    def passwords(self) -> dict[str, str]:
        return dict(SIGN_IN.findall(self.said))


@contextmanager
def run_server(data: Path, port: int, *, program: Sequence[str] = (), **settings: str) -> Iterator[ServerProcess]:
    """`program`: what starts the command, if it is not the test itself."""
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = command(data, "run", NETRA_PORT=str(port), **settings)
    arguments = started.pop("arguments")
    if program:
        starting = subprocess.Popen([*program, sys.executable, *arguments], **started, **piped)
    else:
        starting = start_python(arguments, **started, **piped)
    with starting as process:
        try:
            yield ServerProcess(process)
        finally:
            process.kill()


class Browser:
    """Keeps cookies and sends forms, as far as signing in needs it."""

    def __init__(self, port: int) -> None:
        self._site = f"http://127.0.0.1:{port}"
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))

    @property
    def cookie(self) -> str:
        """The header of a request with all its cookies."""
        return "; ".join(f"{each.name}={each.value}" for each in self._jar)

    def get(self, path: str, **headers: str) -> str:
        return self._open(Request(self._site + path, headers=headers))

    def header(self, path: str, name: str) -> str:
        with self._opener.open(self._site + path, timeout=PATIENCE) as answer:
            return str(answer.headers[name])

    def sign_in(self, name: str, password: str) -> str:
        page = self.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "login": name, "password": password}
        headers = {"Origin": self._site}
        return self._open(Request(f"{self._site}/accounts/login/", urlencode(form).encode(), headers))

    def _open(self, request: Request) -> str:
        with self._opener.open(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode())


@dataclass(frozen=True, slots=True)
class FirstStart:
    """The first start of an installation: what it told and made, and how it ended on an interrupt."""

    data: Path
    server: ServerProcess
    browser: Browser
    user: dict[str, Any]
    logs: list[dict[str, Any]]
    status: int


def test_a_first_start_makes_everything_and_a_second_one_keeps_it(
    first_start: FirstStart, tmp_path: Path, port: int
) -> None:
    first, browser = first_start.server, first_start.browser
    assert "Preparing the database" in first.said
    assert f"Netra is at http://127.0.0.1:{port}/" in first.said
    assert set(first.passwords()) == {"ana", "ben", "olga"}
    assert first_start.user["username"] == "ana"
    (log,) = first_start.logs
    assert log["name"].startswith("Sample log")
    assert first_start.status == 0
    assert first.said.endswith("Stopped.\n")
    assert first.errors == ""
    data = shutil.copytree(first_start.data, tmp_path / "data")
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in (data, *data.iterdir()) if path.is_dir())
    assert stat.S_IMODE((data / "sign-in.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    with run_server(data, port) as second:
        second.ready()
        assert "Preparing" not in second.said
        assert second.passwords() == first.passwords()
        # The session was signed with a key that outlived the server.
        assert json.loads(browser.get("/api/me/"))["username"] == "ana"
        (log,) = json.loads(browser.get("/api/workloads/"))["results"]
        assert second.end(signal.SIGTERM) == 0
    assert second.errors == ""


# A program that has the rest of its command line started as a shell's background job, or as a careless parent's child.
IGNORING = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
BLOCKING = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])"


@pytest.mark.long
@pytest.mark.parametrize(
    "before",
    [pytest.param(IGNORING, id="ignored"), pytest.param(BLOCKING, id="blocked", marks=pytest.mark.soak)],
)
def test_it_ends_on_an_interrupt_whatever_it_inherited(data: Path, port: int, before: str) -> None:
    program = [sys.executable, "-c", f"import os, signal, sys; {before}; os.execv(sys.argv[1], sys.argv[1:])"]
    with run_server(data, port, program=program) as server:
        server.ready()
        assert server.end(signal.SIGINT) == 0
    assert server.said.endswith("Stopped.\n")
    assert server.errors == ""


@pytest.mark.long
def test_a_second_server_of_the_same_data_ends_in_one_line(data: Path, port: int) -> None:
    with run_server(data, port) as first:
        first.ready()
        taken = manage(data, "run", NETRA_PORT=str(port))
        assert (taken.returncode, taken.stdout) == (1, "")
        assert re.fullmatch(rf"CommandError: Port {port} is in use\. .*\n", taken.stderr)
        other = manage(data, "run", "--port", str(free_port(port + 1)))
        assert other.returncode == 1
        assert re.fullmatch(r"CommandError: Another Netra process is using .*\n", other.stderr)


def test_a_taken_port_is_found_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = manage(tmp_path / "data", "run", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert not (tmp_path / "data").exists()


def test_a_broken_setting_is_named_in_one_line(tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "run", NETRA_ENGINE_CAPACITY="many")
    assert done.returncode == 1
    assert re.fullmatch(r".*NETRA_ENGINE_CAPACITY.*\n", done.stderr)
    assert not (tmp_path / "data").exists()


@pytest.mark.long
def test_a_port_given_as_an_option_is_the_one_whose_pages_may_talk_to_it(data: Path, port: int) -> None:
    with start_python(
        **command(data, "run", "--port", str(port)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        server = ServerProcess(process).ready()
        policy = Browser(port).header("/accounts/login/", "Content-Security-Policy")
        assert f"ws://127.0.0.1:{port}" in policy
        assert server.end(signal.SIGTERM) == 0


@pytest.mark.long
def test_production_makes_nobody_and_tells_no_password(tmp_path: Path, port: int) -> None:
    settings = {
        "NETRA_ENVIRONMENT": "production",
        "NETRA_SECRET_KEY": secrets.token_urlsafe(48),
        "NETRA_ORIGINS": "https://netra.example.com",
        "NETRA_HOSTS": "netra.example.com,127.0.0.1",
        "NETRA_HSTS_SECONDS": "3600",
    }
    with run_server(tmp_path / "data", port, **settings) as server:
        server.ready()
        assert server.passwords() == {}
        assert "https://netra.example.com/" in server.said
        assert "createsuperuser" in server.said
        assert server.end(signal.SIGTERM) == 0
    assert not (tmp_path / "data" / "sign-in.json").exists()
    assert not (tmp_path / "data" / "secret_key").exists()
    done = manage(tmp_path / "data", "token", "ana", **settings)
    assert "No active user 'ana' found" in done.stderr


def test_unsafe_production_does_not_start(tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "run", NETRA_ENVIRONMENT="production")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_database_of_a_newer_version_is_left_alone(first_start: FirstStart, tmp_path: Path) -> None:
    data = shutil.copytree(first_start.data, tmp_path / "data")
    with closing(sqlite3.connect(data / "netra.sqlite3")) as database, database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('agents', '9999_x', '2030-01-01')")
    done = manage(data, "run", NETRA_PORT=str(free_port(20_000)))
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: The database .* newer version of Netra .*agents\.9999_x.*\n", done.stderr)


@pytest.mark.long
def test_a_token_made_in_the_terminal_opens_the_interface(data: Path, port: int) -> None:
    with run_server(data, port) as server:
        server.ready()
        made = manage(data, "token", "ana", "--days", "1")
        answer = Browser(port).get("/api/me/", Authorization=f"Token {made.stdout.strip()}")
        assert json.loads(answer)["username"] == "ana"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("nobody",), marks=pytest.mark.soak),
        ("ana", "--days", "0"),
        pytest.param(("ana", "--days", "99999"), marks=pytest.mark.soak),
    ],
)
def test_a_token_for_nobody_or_for_ever_is_refused_in_one_line(data: Path, arguments: tuple[str, ...]) -> None:
    done = manage(data, "token", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"CommandError: .*\n", done.stderr)


@pytest.mark.soak
def test_a_model_that_cannot_be_used_is_named_in_one_line(data: Path, port: int) -> None:
    done = manage(data, "run", NETRA_PORT=str(port), NETRA_MODEL="nonsense")
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: NETRA_MODEL is 'nonsense'.*\n", done.stderr)


@pytest.mark.soak
def test_a_roster_that_cannot_be_used_is_named_in_one_line(data: Path, port: int) -> None:
    done = manage(data, "run", NETRA_PORT=str(port), NETRA_ROSTER="legacy.rollout.roster.rollout")
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: NETRA_ROSTER=.*: set NETRA_LEGACY=warn.*\n", done.stderr)
