"""A disk of 1.2 GB that bombs, uploads and others fill: nothing that was taken is lost, and all goes on by itself.

On a file system of its own, which only root may mount; SQLite, whose database lies on it too.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import duckdb
import pytest

from netra.config import Environment
from tests.faults.installation import Installation, Person, open_embedded
from tests.support.live_server import LiveServer

SIZE = 1_200 << 20
RESERVE = Environment.model_fields["disk_reserve_bytes"].default
# What children may write between two looks at them, on a busy machine; the database keeps the rest.
SLACK = 192 << 20
PATIENCE = 300.0
ROW = b"2026-01-01T00:00:00Z,gpt-4o,1000,10\n"
LOG = b"timestamp,model,input_tokens,output_tokens\n" + ROW * 50

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's"), pytest.mark.long]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"A file system of 1.2 GB cannot be mounted here, only root may: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    said: Any


class Caller:
    """One person's REST calls."""

    def __init__(self, server: LiveServer, person: Person) -> None:
        self._server = server
        self._person = person

    def send(self, method: str, path: str, content: bytes | None = None, **headers: str) -> Answer:
        given = {"Authorization": f"Token {self._person.token}", "Content-Type": "application/json"} | headers
        request = Request(f"{self._server.origin}/api/{path}", method=method, data=content, headers=given)
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, json.load(answer))
        except HTTPError as error:
            return Answer(error.code, json.loads(error.read()))

    def ask(self, method: str, path: str, expect: int, given: Any = None) -> Any:
        answer = self.send(method, path, None if given is None else json.dumps(given).encode())
        assert answer.status == expect, answer
        return answer.said

    def announce(self, size: int, expect: int = 201) -> Any:
        return self.ask("POST", "uploads/", expect, {"name": "usage", "size": size})

    def bring(self, upload: Any, content: bytes, offset: int = 0, expect: int = 200) -> Any:
        headers = {"Content-Type": "application/octet-stream", "Upload-Offset": str(offset)}
        answer = self.send("PATCH", f"uploads/{upload['id']}/", content, **headers)
        assert answer.status == expect, answer
        return answer.said

    def upload(self, content: bytes) -> str:
        """The log's id."""
        upload = self.bring(self.announce(len(content)), content)
        return str(upload["workload"]["id"])

    def start(self, log: str) -> Answer:
        question = {"text": "cut my spend by 30 %", "client_id": str(uuid4()), "workload_id": log}
        return self.send("POST", "runs/", json.dumps(question).encode())

    def log(self, log: str, *states: str) -> Any:
        """The log, once it is in one of these states."""

        def find_reached_log() -> Any:
            found = self.ask("GET", f"workloads/{log}/", 200)
            return found if found["state"] in states else None

        return until(find_reached_log)

    def read_anew(self, log: str) -> None:
        """Wait until what kept the log from being read is over."""

        def find_reached_log() -> Any:
            found = self.ask("GET", f"workloads/{log}/", 200)
            return found["state"] == "ready" and found["error"] is None

        until(find_reached_log)

    def stream(self) -> list[dict[str, Any]]:
        """All events, without a gap."""
        head = (self.ask("GET", "snapshot/", 200))["position"]
        events: list[dict[str, Any]] = []
        upto = 0
        while upto < head["seq"]:
            batch = self.ask("GET", f"events/?epoch={head['epoch']}&after={upto}", 200)
            assert batch["after"] == upto
            events, upto = events + batch["events"], batch["upto"]
        return events


def until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
    return answer


def bomb(folder: Path) -> bytes:
    """20 kB that hold lists of 1.4 GB, which is more than the disk holds."""
    con = duckdb.connect()
    rows = """SELECT '2026-01-01T00:00:00Z' AS timestamp, 10 AS input_tokens, 1 AS output_tokens,
        repeat('abcdefg ', 60000) AS hash_ids FROM range(3000)"""
    con.execute(f"COPY ({rows}) TO '{folder / 'bomb'}' (FORMAT parquet, COMPRESSION zstd)")
    con.close()
    return (folder / "bomb").read_bytes()


def fill(disk: Path, leave: int) -> Path:
    """A file of somebody else's, that leaves so many bytes."""
    with (disk / f"others-{leave}").open("wb") as file:
        size = shutil.disk_usage(disk).free - leave
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            while leave == 0:  # whoever else writes took some: take what there is
                try:
                    os.write(file.fileno(), bytes(4096))
                except OSError:
                    break
    return disk / f"others-{leave}"


@contextmanager
def watch_free_space(disk: Path) -> Iterator[list[int]]:
    """What was free, at each look during the block."""
    over, free = Event(), [SIZE]

    def look() -> None:
        while not over.wait(0.01):
            free.append(shutil.disk_usage(disk).free)

    thread = Thread(target=look)
    thread.start()
    try:
        yield free
    finally:
        over.set()
        thread.join()


def integrity(installation: Installation) -> list[Any]:
    (path,) = (installation.folder / "data").glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as con:
        return con.execute("PRAGMA integrity_check").fetchall()


@pytest.mark.parametrize("bombs", [2, pytest.param(3, marks=pytest.mark.soak)])
def test_a_full_disk_loses_nothing_and_recovers(disk: Path, tmp_path: Path, bombs: int) -> None:
    with open_embedded(disk) as made:
        attacker, quiet = made.people(2)
        installation = Installation({**made.environment, "TMPDIR": str(tmp_path)}, disk)
        with installation.server() as server:
            evil, mine = Caller(server, attacker), Caller(server, quiet)
            with watch_free_space(disk) as free:
                log = bombs_keep_the_reserve(evil, mine, [bomb(tmp_path)] * bombs)
            assert min(free) > RESERVE - SLACK
            a_full_disk_is_survived(mine, log, disk)
        assert integrity(installation) == [("ok",)]


def bombs_keep_the_reserve(evil: Caller, mine: Caller, contents: Sequence[bytes]) -> str:
    """Bombs of one user at once with an honest log of another's, which is read."""
    bombs = [evil.upload(content) for content in contents]
    log = mine.upload(LOG)
    mine.log(log, "ready")
    for each in bombs:
        failed = evil.log(each, "failed")
        assert failed["error"]["code"] == "bad_input", failed
    return log


def a_full_disk_is_survived(mine: Caller, log: str, disk: Path) -> None:
    first, rest = ROW * 1_000, ROW * 2_000
    head = LOG + first
    upload = mine.announce(len(head) + len(rest))
    mine.bring(upload, head)
    low = fill(disk, leave=RESERVE // 2)
    # The reserve is the database's: an upload and a reading find no room, a run goes on.
    mine.announce(1_000, expect=507)
    refused = mine.bring(upload, rest, offset=len(head), expect=507)
    assert "your upload so far is saved" in refused["message"]
    mine.ask("POST", f"workloads/{log}/read/", 202, {"mapping": {"model": ""}})
    waiting = mine.log(log, "ready")  # as it was read before
    assert waiting["source"]
    assert waiting["error"]["code"] == "storage_full"
    assert "retried automatically" in waiting["error"]["message"]
    low.unlink()
    mine.read_anew(log)  # by itself
    full = fill(disk, leave=0)
    runs = [answer for answer in [mine.start(log) for _ in range(20)] if answer.status != 507]
    assert {answer.status for answer in runs} <= {201}
    assert len(runs) < 20
    full.unlink()
    runs.append(mine.start(log))
    done = mine.bring(upload, rest, offset=len(head))
    mine.log(done["workload"]["id"], "ready")
    for run in runs:
        wait_until_finished(mine, run.said["id"])
    events = mine.stream()
    ends = [
        each["run_id"] for each in events if each["type"] == "agent_completed" and each["parent_request_id"] is None
    ]
    assert sorted(ends) == sorted(run.said["id"] for run in runs)


def wait_until_finished(mine: Caller, run: str) -> None:
    def over() -> bool:
        return bool(mine.ask("GET", f"runs/{run}/", 200)["state"] == "completed")

    until(over)
