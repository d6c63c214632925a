"""Old and new processes of one installation beside each other, while the schema is migrated, by docs/operations.md.

The old ones are of an earlier commit with an earlier schema: where the history is not there, they cannot be tested."""

import asyncio
import json
import os
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.installation import Person
from tests.parts import postgresql, redis
from tests.parts.ports import free_port
from tests.support.live_server import ROOT, LiveServer, bare
from tests.support.patience import PATIENCE

EARLIER = "4ae4552e5dbca0e067722e47418bda0e0fbcc1df"
"""The last commit before workloads/migrations/0009."""
PYTHON = str(ROOT / ".venv/bin/python")


@dataclass(frozen=True, slots=True)
class Version:
    """A tree of the code, and the environment of its processes."""

    tree: Path
    environment: Mapping[str, str]
    logs: Path

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [PYTHON, *command], cwd=self.tree, env=self._build_environment(), capture_output=True, text=True, check=True
        )
        return done.stdout

    @contextmanager
    def server(self, name: str) -> Iterator[LiveServer]:
        port = free_port()
        settings = {"NETRA_RUNNER": "off", "NETRA_PORT": str(port)}
        with self._running(name, "-m", "netra.scale_out.server", str(port), **settings) as process:
            await_true(lambda: is_ready(port))
            yield LiveServer(f"http://127.0.0.1:{port}", process.pid, self.logs)

    @contextmanager
    def worker(self, name: str) -> Iterator[None]:
        with self._running(name, "manage.py", "work"):
            await_true(lambda: "Working." in (self.logs / f"{name}.log").read_text())
            yield

    @contextmanager
    def _running(self, name: str, *command: str, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        environment = self._build_environment(**more)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen([PYTHON, *command], cwd=self.tree, env=environment, stdout=log, stderr=log)
        with process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0

    def _build_environment(self, **more: str) -> dict[str, str]:
        return {**self.environment, "PYTHONPATH": str(self.tree), "PYTHONUNBUFFERED": "1", **more}


def is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def await_true(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture
def earlier_tree(tmp_path: Path) -> Path:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip("not installed: sudo apt-get install postgresql redis-server")
    archive, tree = tmp_path / "earlier.tar", tmp_path / "earlier"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "archive", "--output", str(archive), EARLIER]
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the earlier version is not there: {done.stderr.strip()}")
    with tarfile.open(archive) as packed:
        packed.extractall(tree, filter="data")
    return tree


async def ask(on: LiveServer, *others: LiveServer, told: list[ReceivedStream]) -> None:
    """A question to one server is answered, once, and those connected to the others are told the same."""
    async with listening(on, told[0]) as mine:
        run = await mine.start()
        await mine.until(lambda stream: bool(stream.ends(run)))
        assert [end["type"] for end in mine.told.ends(run)] == ["agent_completed"]
    for other, stream in zip(others, told[1:], strict=False):
        async with listening(other, stream) as theirs:
            await theirs.until(lambda stream: stream.upto >= told[0].upto)
        assert stream.events == told[0].events


def roll(old: Version, new: Version, told: list[ReceivedStream]) -> None:
    """Migrate, then replace one process after the other."""
    with ExitStack() as old_server, ExitStack() as new_server:
        with old.worker("old-worker"):
            before = old_server.enter_context(old.server("old-server"))
            asyncio.run(ask(before, told=told))
            new.run("manage.py", "migrate", "--verbosity", "0")
            asyncio.run(ask(before, told=told))
            after = new_server.enter_context(new.server("new-server"))
            asyncio.run(ask(after, before, told=told))
            asyncio.run(ask(before, after, told=told[::-1]))
            new_worker = ExitStack()
            new_server.push(new_worker)
            new_worker.enter_context(new.worker("new-worker"))
        asyncio.run(ask(before, after, told=told[::-1]))
        asyncio.run(ask(after, before, told=told))
        old_server.close()
        asyncio.run(ask(after, told=told))


@pytest.mark.soak
def test_old_and_new_processes_run_side_by_side(tmp_path: Path, earlier_tree: Path) -> None:
    (data := tmp_path / "data").mkdir(mode=0o700)
    with postgresql.postgresql() as database, redis.redis() as bell:
        environment = bare(
            DJANGO_SETTINGS_MODULE="netra.settings",
            NETRA_DATA_DIR=str(data),
            NETRA_SECRET_KEY="for tests alone, long enough to be one: 0123456789abcdef",
            DATABASE_URL=database.application,
            DATABASE_OWNER_URL=database.owner,
            REDIS_URL=bell.url,
            NETRA_PROCESSES="2",
            NETRA_DATA_SHARED="true",
        )
        old, new = Version(earlier_tree, environment, tmp_path), Version(ROOT, environment, tmp_path)
        (person,) = json.loads(old.run("-m", "tests.faults.people", "1"))
        roll(old, new, [ReceivedStream(Person(**person)) for _ in range(2)])
    wrong = [line for log in tmp_path.glob("*.log") for line in log.read_text().splitlines() if " ERROR " in line]
    assert wrong == []
