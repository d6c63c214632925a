"""Conversations, logs and users are deleted while their runs are at work: every deletion is answered, and nothing of
what was deleted is left in any table, file or Redis."""

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from tests.faults.installation import Installation, Person, list_complaints
from tests.support.live_server import ROOT, LiveServer
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = pytest.mark.long

CANARY = f"kanari{uuid4().hex[:12]}"
LONG = 600.0  # seconds; only a test that fails takes as long
HEADER = "timestamp,model,feature,input_tokens,output_tokens,status,error"
MOMENTS = ("at once", "while it works", "when it is over", "while the log is read")


def log_text() -> bytes:
    rows = [
        f"2026-05-01T00:{minute:02}:00Z,gpt-4o,{CANARY}-{minute % 3},1{minute:03},50,error,{CANARY}"
        for minute in range(30)
    ]
    return "\n".join([HEADER, *rows, f"2026-05-01T01:00:00Z,{CANARY}-model,x,1,1,ok,"]).encode()


@dataclass(slots=True)
class Client:
    """One person's requests to one server after the other; `answers` are all statuses by what was asked, `faults` the
    responses that say that a request was wrong, which none is."""

    person: Person
    servers: Sequence[LiveServer]
    answers: list[tuple[str, int]] = field(default_factory=list)
    faults: list[bytes] = field(default_factory=list)
    _next: Any = None

    def __post_init__(self) -> None:
        self._next = cycle(self.servers)

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> tuple[int, Any]:
        body = data if isinstance(data, bytes | None) else json.dumps(data).encode()
        request = Request(f"{next(self._next).origin}/api/{path}", data=body, method=method)
        kind = "application/octet-stream" if isinstance(data, bytes) else "application/json"
        given = {"Authorization": f"Token {self.person.token}", "Content-Type": kind} | headers
        for name, value in given.items():
            request.add_header(name, value)
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                status, said = answer.status, answer.read()
        except HTTPError as error:
            status, said = error.code, error.read()
        self.answers.append((f"{method} {path.split('/', maxsplit=1)[0]}", status))
        if status == 400:
            self.faults.append(said)
        return status, json.loads(said or b"null")

    def bring(self) -> str | None:
        text = log_text()
        _, begun = self.call("POST", "uploads/", {"name": f"{CANARY}.csv", "size": len(text)})
        if "id" not in begun:
            return None
        _, done = self.call("PATCH", f"uploads/{begun['id']}/", text, **{"Upload-Offset": "0"})
        return str(done["workload"]["id"]) if "workload" in done else None

    def ask(self, **fields: str) -> dict[str, Any]:
        _, run = self.call("POST", "runs/", {"text": f"how can I cut my spend? {CANARY}", **fields})
        return run if "thread_id" in run else {}

    def wait(self, path: str, states: Sequence[str]) -> None:
        until = time.monotonic() + LONG
        while time.monotonic() < until:
            status, found = self.call("GET", path)
            if status != 200 or found["state"] in states:
                return
            time.sleep(0.05)
        raise TimeoutError(path)

    def rounds(self, count: int, shift: int) -> None:
        for number in range(count):
            self._round(MOMENTS[(number + shift) % len(MOMENTS)])

    def _round(self, moment: str) -> None:
        log = self.bring()
        if log is None:
            return  # erased meanwhile
        if moment != "while the log is read":
            self.wait(f"workloads/{log}/", ("ready", "failed"))
        first, about = self.ask(), self.ask(workload_id=log)
        more = self.ask(thread_id=about["thread_id"], workload_id=log) if about else {}
        for run in (first, about, more):
            if run and moment in ("while it works", "when it is over"):
                over = ("completed", "failed", "cancelled")
                self.wait(f"runs/{run['id']}/", over if moment == "when it is over" else ("running", *over))
        self._delete(log, [run["thread_id"] for run in (first, about) if run], [run["id"] for run in (more,) if run])

    def _delete(self, log: str, threads: list[str], runs: list[str]) -> None:
        """All at once, some twice, and renamed and cancelled in the same moment."""
        asked: list[tuple[str, str, Any]] = [("DELETE", f"workloads/{log}/", None)] * 2
        asked += [("DELETE", f"threads/{thread}/", None) for thread in threads * 2]
        asked += [("PATCH", f"threads/{thread}/", {"title": CANARY}) for thread in threads]
        asked += [("PATCH", f"workloads/{log}/", {"name": CANARY})]
        asked += [("POST", f"runs/{run}/cancel/", {}) for run in runs]
        with ThreadPoolExecutor(len(asked)) as pool:
            list(pool.map(lambda each: self.call(*each), asked))


def run_manage(installation: Installation, *arguments: str) -> str:
    command = ["manage.py", *arguments]
    done = run_python(command, env=installation.environment, cwd=ROOT, text=True, timeout=LONG)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def find_canaries(installation: Installation) -> list[str]:
    command = ["-m", "tests.faults.search", CANARY]
    done = run_python(command, env=installation.environment, cwd=ROOT, text=True, timeout=LONG)
    assert done.returncode == 0, done.stderr
    left: list[str] = json.loads(done.stdout)
    return left


def storm(installation: Installation, servers: Sequence[LiveServer], people: int, rounds: int) -> list[Client]:
    """One more person than said is erased in the middle of it."""
    clients = [Client(person, servers) for person in installation.people(people + 1)]
    over = threading.Event()

    def look_after() -> None:
        run_manage(installation, "prune", "--days", "0", "--yes")
        run_manage(installation, "erase_user", clients[-1].person.id, "--yes")
        while not over.wait(1):
            run_manage(installation, "prune", "--days", "0", "--yes")

    with ThreadPoolExecutor(people + 2) as pool:
        beside = pool.submit(look_after)
        try:
            at_work = [pool.submit(client.rounds, rounds, place) for place, client in enumerate(clients)]
            for each in at_work:
                each.result()  # each of its steps has a limit, and there are hundreds
        finally:
            over.set()
        beside.result(LONG)
    return clients


# Tests before this one restart the Redis of these servers.
BELLS = "channels_redis"


def check(installation: Installation, servers: Sequence[LiveServer], people: int, rounds: int) -> None:
    before = [len(list_complaints(server, apart_from=BELLS)) for server in servers]
    clients = storm(installation, servers, people, rounds)
    answers = [answer for client in clients for answer in client.answers]
    assert [answer for answer in answers if answer[1] >= 500] == []
    # The one who is erased may be told that their log can't be read: its file goes before its row does.
    assert [fault for client in clients[:-1] for fault in client.faults] == []
    deletions = {status for client in clients[:-1] for asked, status in client.answers if asked.startswith("DELETE")}
    assert deletions == {204, 404}
    assert {status for client in clients[:-1] for _, status in client.answers} <= {200, 201, 202, 204, 404, 409}
    # A worker that has just lost a run may still put its working folder away.
    until = time.monotonic() + PATIENCE
    while (left := find_canaries(installation)) and time.monotonic() < until:
        time.sleep(0.5)
    assert left == []
    # No deadlock either: one that was tried again is in the log.
    for server, said in zip(servers, before, strict=True):
        assert list_complaints(server, apart_from=BELLS)[said:] == []


@pytest.mark.parametrize(
    ("people", "rounds"), [(1, 2), pytest.param(8, 40, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_nothing_remains_of_data_deleted_during_runs(
    either: Installation, fleet: tuple[LiveServer, ...], people: int, rounds: int
) -> None:
    check(either, fleet, people, rounds)


@pytest.mark.soak
def test_nothing_remains_with_several_servers(two: Installation, pair: tuple[LiveServer, LiveServer]) -> None:
    check(two, pair, 2, 2)
