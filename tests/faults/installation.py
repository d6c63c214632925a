"""An installation of its own, of either profile: its servers come and go, its data stay."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from tests.parts.ports import free_port
from tests.parts.postgresql import MAX_CONNECTIONS, PostgreSQL, postgresql
from tests.parts.redis import Redis, redis
from tests.support.live_server import ROOT, LiveServer, bare, run_installed_server
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python, start_python

# What a server's log must never hold, whatever clients do.
BAD = ("Traceback", "Exception inside application", " ERROR ", " CRITICAL ", "never retrieved", "was destroyed")


SHIFTED_CLOCK = "tests.faults.degraded.shifted_clock"
IDLE_SECONDS = 5
AT_ONCE = 30  # users made by one program: starting it takes longer than they


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    token: str


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs jobs."""

    process: "subprocess.Popen[str]"
    log: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def read_log(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class Installation:
    """`environment` is that of its processes; `redis_server` and `database` are set in the second profile."""

    environment: Mapping[str, str]
    folder: Path
    redis_server: Redis | None = None
    database: PostgreSQL | None = None
    unused: list[Person] = field(default_factory=list)

    def people(self, count: int) -> list[Person]:
        """Users of whom nobody has heard yet."""
        if len(self.unused) < max(1, count):
            self.unused.extend(Person(**each) for each in json.loads(self.run("people", str(count + AT_ONCE))))
        return [self.unused.pop() for _ in range(count)]

    def grow(self, count: int, size: int, *people: Person) -> None:
        """Their streams grow by so many events of so many characters, in a process that is no server."""
        self.run("clients.growth", str(count), str(size), *(person.id for person in people))

    def server(self, name: str = "server", **settings: str) -> AbstractContextManager[LiveServer]:
        """`name` names its log."""
        given = {f"NETRA_{key.upper()}": value for key, value in settings.items()}
        return run_installed_server({**self.environment, **given}, self.folder / f"{name}.log")

    @contextmanager
    def shifted_server(self, name: str, clock: float, **settings: str) -> Iterator[LiveServer]:
        """A server whose clock is so many seconds ahead."""
        port, log = free_port(), self.folder / f"{name}.log"
        given = {f"NETRA_{key.upper()}": value for key, value in settings.items()} | {"NETRA_PORT": str(port)}
        with log.open("a") as errors:
            command = ["netra.scale_out.server", str(port)]
            process = _start_program(command, clock, {**self.environment, **given}, errors)
        with process:
            try:
                _await_answer(process, port, log)
                yield LiveServer(f"http://127.0.0.1:{port}", process.pid, self.folder / "data", log)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)

    @contextmanager
    def worker(self, name: str, *options: str, **settings: str) -> Iterator[Worker]:
        """`manage.py work` in this installation; it may be killed within the block."""
        with self.shifted_worker(name, 0.0, *options, **settings) as worker:
            yield worker

    @contextmanager
    def shifted_worker(self, name: str, clock: float, *options: str, **settings: str) -> Iterator[Worker]:
        """A worker whose clock is so many seconds ahead."""
        given = {**self.environment, **{f"NETRA_{key.upper()}": value for key, value in settings.items()}}
        log = self.folder / f"{name}.log"
        with log.open("a") as errors:
            process = _start_program(["manage.py", "work", *options], clock, given, errors)
        with process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline().startswith("Working."), log.read_text()
                yield Worker(process, log)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
                    process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)

    def run(self, program: str, *arguments: str) -> str:
        """What a program of this package prints in this installation."""
        command = ["-m", f"tests.faults.{program}", *arguments]
        done = run_python(command, env=self.environment, cwd=ROOT, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)


def _start_program(
    command: list[str], clock: float, environment: Mapping[str, str], errors: IO[str]
) -> "subprocess.Popen[str]":
    options: dict[str, Any] = {
        "cwd": ROOT,
        "env": environment,
        "stdout": subprocess.PIPE,
        "stderr": errors,
        "text": True,
    }
    if not clock:
        return start_python(command, **options)
    # An interpreter of its own: a forked one has imported what reads the clock.
    return subprocess.Popen([sys.executable, "-m", SHIFTED_CLOCK, str(clock), *command], **options)


def _await_answer(process: "subprocess.Popen[str]", port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def list_complaints(server: LiveServer | Worker, *, apart_from: str | None = None) -> list[str]:
    """What is wrong in a server's or worker's log; of one logger's records nothing is."""
    records = re.split(r"^(?=\d{4}-\d\d-\d\d )", server.read_log(), flags=re.MULTILINE)
    others = [each for each in records if apart_from is None or apart_from not in each.partition("\n")[0]]
    return [each for each in others if any(bad in each for bad in BAD)]


@contextmanager
def open_embedded(folder: Path) -> Iterator[Installation]:
    """SQLite, and notifications within one process."""
    made = Installation(_environment(folder), folder)
    made.people(0)  # and with them the schema
    yield made


@contextmanager
def open_scaled_out(folder: Path, *, connections: int = MAX_CONNECTIONS) -> Iterator[Installation]:
    """PostgreSQL, which takes so many connections, and Redis, private ones."""
    with postgresql(connections=connections) as database, redis() as redis_server:
        urls = {
            "DATABASE_URL": database.application,
            "DATABASE_OWNER_URL": database.owner,
            "REDIS_URL": redis_server.url,
            "NETRA_PROCESSES": "2",
            "NETRA_DATA_SHARED": "true",
        }
        with psycopg.connect(database.owner, autocommit=True) as owner:  # as deploy/postgresql/roles.sql
            owner.execute(f"ALTER ROLE application SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        made = Installation(_environment(folder) | urls, folder, redis_server, database)
        made.people(0)
        yield made


def _environment(folder: Path) -> dict[str, str]:
    data = folder / "data"
    data.mkdir(parents=True)
    return bare(
        DJANGO_SETTINGS_MODULE="netra.settings",
        NETRA_DATA_DIR=str(data),
        NETRA_SECRET_KEY="for tests alone, long enough to be one: 0123456789abcdef",
        NETRA_READING_SECONDS=str(int(PATIENCE)),
        NETRA_REQUESTS_PER_MINUTE="0",
        NETRA_PAGE_REQUESTS_PER_MINUTE="0",
        NETRA_PAGE_REQUESTS_IN_ALL="0",
    )
