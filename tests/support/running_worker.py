"""Real parts for tests: services over the test's database and a folder of its own, with an engine at work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from agents import runs
from agents.models import Run
from core.events import Event, get_run_id, is_terminal
from core.jobs.runner import JobRunner
from core.models import User
from core.stream import read
from core.stream.append import publish_to_nobody
from core.stream.batches import Batch, Position
from netra.config import Environment
from netra.services import Services, running_services
from realtime.delivery import follow_stream
from tests.agents.claimed_runs import connection
from tests.support.runners import running_runs
from tests.support.workloads.read_logs import give_log, read_log
from workloads.direct_import import import_file
from workloads.models import Workload

HEADER = "timestamp,model,input_tokens,output_tokens,feature\n"


def environment(folder: Path, **settings: Any) -> Environment:
    return Environment(data_dir=folder, _env_file=None, **settings)


@asynccontextmanager
async def working(settings: Environment, **options: Any) -> AsyncIterator[tuple[Services, JobRunner]]:
    """A process: its services, and a runner that takes up whatever is queued."""
    async with (
        running_services(settings, **options) as services,
        running_runs(services.execute_run, capacity=8, publish=services.publish) as runner,
    ):
        yield services, runner


def log_file(folder: Path, *, feature: str, rows: int = 20, name: str = "usage.csv", tokens: int = 1000) -> Path:
    """A small log whose feature names whose it is."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"2026-01-01T00:{row:02}:00Z,gpt-4o,{tokens},{10},{feature}\n" for row in range(rows)]
    (folder / name).write_text(HEADER + "".join(lines))
    return folder / name


def import_log(user: User, file: Path, data_dir: Path) -> Workload:
    return import_file(user.id, file, data_dir=data_dir)


def place_log(user: User, file: Path, data_dir: Path) -> Workload:
    """What `import_log` comes to, where how it gets there is not the question: files of equal content are read once."""
    return give_log(user, read_log(file.name, file.read_bytes()), data_dir)


def ask_about_log(user: User, workload: Workload | None, text: str = "cut my spend by 30 %", **options: Any) -> Run:
    workload_id = workload.id if workload else None
    return runs.start_run(
        connection(user), question=text, workload_id=workload_id, publish=publish_to_nobody, **options
    )[0]


async def await_run_events(services: Services, run: Run) -> list[Event]:
    """Everything the run told, once it is over."""
    start = Position(epoch=(await sync_to_async(read.get_head_position)(run.owner_id)).epoch, seq=0)
    told: list[Event] = []
    async for news in follow_stream(run.owner_id, start, services.subscriptions):
        assert isinstance(news, Batch)
        told += [event for event in news.events if get_run_id(event) == run.id]
        if any(is_terminal(event) for event in told):
            return told
    raise AssertionError


def everything(user_id: UUID) -> tuple[Event, ...]:
    """The whole stream of a user."""
    news = read.read_after(user_id, Position(epoch=read.get_head_position(user_id).epoch, seq=0), limit=100_000)
    assert isinstance(news, Batch)
    return news.events
