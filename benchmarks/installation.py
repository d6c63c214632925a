"""An installation for one benchmark: users with logs and tokens, and a real server in a process of its own.

Importing this sets Django up."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from knox.models import AuthToken  # noqa: E402

from core.db import as_all_users, as_user  # noqa: E402
from core.files import private_dir  # noqa: E402
from core.models import User  # noqa: E402
from core.stream.append import publish_to_nobody  # noqa: E402
from netra.cli.log_options import temporary_installation  # noqa: E402
from workloads import import_queue  # noqa: E402
from workloads.models import Workload, WorkloadState  # noqa: E402
from workloads.sample.generator import write_sample  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 60  # seconds a server may take to answer for the first time
CANARY = re.compile(r"canary-(\d+)-")
SMALL_ROWS = 50
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkUser:
    """A user with a token. `canary` is in every feature of their log, and in nobody else's."""

    user_id: UUID
    token: str
    canary: str
    workload_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkServer:
    port: int
    pid: int

    def request(
        self,
        person: BenchmarkUser,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> tuple[int, bytes]:
        """One answered request of a person's. Blocks."""
        link = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            link.request(method, path, body, {"Authorization": f"Token {person.token}", **headers})
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()


@contextmanager
def installation(logs: list[str], **more: str) -> Iterator[tuple[BenchmarkServer, list[BenchmarkUser]]]:
    """A served installation with a person for each of `logs`: "small", "sample", or "none". `more`: of its environment.

    On SQLite in a folder of its own; where DATABASE_URL names a database, in that one.
    """
    with _data_folder() as folder:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            people = list(pool.map(lambda number: _create_user(number, logs[number], folder), range(len(logs))))
        with _running_server(folder, more) as server:
            wait_for_server(server, people[0])
            _wait_for_logs()
            yield server, people


@contextmanager
def _data_folder() -> Iterator[Path]:
    if settings.NETRA.database_url is not None:
        call_command("migrate", verbosity=0, interactive=False)
        yield settings.NETRA.data_dir
        return
    with temporary_installation(settings.NETRA) as environment:
        call_command("migrate", fake=True, verbosity=0, interactive=False)  # or the server would begin from nothing
        yield environment.data_dir


def _create_user(number: int, log: str, folder: Path) -> BenchmarkUser:
    canary = f"canary-{number}-"
    try:
        user = User.objects.create(username=f"user{number}")
        _, token = AuthToken.objects.create(user)
        workload_id = None
        if log != "none":
            workload_id = _queue_log(user.id, _write_log(log, folder / f"log{number}", canary), folder)
    finally:
        connections.close_all()  # this thread's own
    return BenchmarkUser(user_id=user.id, token=token, canary=canary, workload_id=workload_id)


def _queue_log(user_id: UUID, file: Path, folder: Path) -> UUID:
    """A log as an upload leaves it: the server reads it, as it reads everybody's."""
    workload = Workload(owner_id=user_id, name=file.name, size=file.stat().st_size, raw_kept=True)
    raw = workload.get_raw_path(folder)
    file.rename(private_dir(raw.parent) / raw.name)
    with as_user(user_id), transaction.atomic():
        workload.save(force_insert=True)
        import_queue.append_state_event(workload, publish=publish_to_nobody)
    return workload.id


def _wait_for_logs() -> None:
    while not (states := _read_states()) <= {WorkloadState.READY}:
        if WorkloadState.FAILED in states:
            raise AssertionError("a log of this benchmark could not be read")
        time.sleep(0.1)
    connections.close_all()


@as_all_users()
def _read_states() -> set[str]:
    return set(Workload.objects.values_list("state", flat=True))


def _write_log(kind: str, path: Path, canary: str) -> Path:
    if kind == "sample":
        path = path.with_suffix(".jsonl")
        write_sample(path, seed=7, days=30, requests=6_000)
        path.write_text(path.read_text().replace('"feature":"', f'"feature":"{canary}'))
        if canary not in path.read_text():
            raise AssertionError("the sample is written in another way than this benchmark thinks")
        return path
    path = path.with_suffix(".csv")
    rows = [f"2026-01-01T00:00:{row:02}Z,gpt-4o,1000,{row},{canary}search\n" for row in range(SMALL_ROWS)]
    path.write_text("timestamp,model,input_tokens,output_tokens,feature\n" + "".join(rows))
    return path


@contextmanager
def _running_server(folder: Path, more: Mapping[str, str]) -> Iterator[BenchmarkServer]:
    port = find_free_port()
    ours = {"NETRA_DATA_DIR": str(folder), "NETRA_MODEL": "offline", "NETRA_PORT": str(port)}
    ours |= {"NETRA_CONNECTIONS_PER_ADDRESS": "4000"}  # all users of a benchmark are one
    others = {key: value for key, value in os.environ.items() if not key.startswith("NETRA_")}
    command = [sys.executable, "manage.py", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env={**others, **ours, **more}, stdout=subprocess.DEVNULL)
    try:
        yield BenchmarkServer(port=port, pid=process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def find_free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, below those that are given to outgoing connections."""
    for port in range(20_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")


def wait_for_server(server: BenchmarkServer, person: BenchmarkUser) -> None:
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            status, body = server.request(person, "GET", "/api/me/")
        except OSError as error:
            status, body = 0, str(error).encode()
        if status == 200:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server did not get ready: {status} {body[:500]!r}")
        time.sleep(0.2)
