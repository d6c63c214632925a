"""Real parts for tests: a house over the test's database and a folder of its own, with an engine at work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from agents import runs
from agents.engine import EmbeddedEngine
from agents.models import Run
from netra.core import stream
from netra.core.events import Event, ends_run, run_of
from netra.core.models import User
from netra.core.stream import Batch, Position
from netra.environment import Environment
from netra.wiring import House, open_house
from realtime.follow import follow
from tests.agents.claimed import connection
from workloads.intake import bring
from workloads.models import Workload

HEADER = "timestamp,model,input_tokens,output_tokens,feature\n"


def environment(folder: Path, **settings: Any) -> Environment:
    return Environment(data_dir=folder, _env_file=None, **settings)


@asynccontextmanager
async def working(settings: Environment, **options: Any) -> AsyncIterator[tuple[House, EmbeddedEngine]]:
    """A process: its house, and an engine that takes up whatever is queued."""
    async with (
        open_house(settings, **options) as house,
        EmbeddedEngine(house.execute, capacity=8, run_seconds=60) as engine,
    ):
        yield house, engine


def log_file(folder: Path, *, feature: str, rows: int = 20, name: str = "usage.csv", tokens: int = 1000) -> Path:
    """A small log whose feature names whose it is."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"2026-01-01T00:{row:02}:00Z,gpt-4o,{tokens},{10},{feature}\n" for row in range(rows)]
    (folder / name).write_text(HEADER + "".join(lines))
    return folder / name


def brought(user: User, file: Path, data_dir: Path) -> Workload:
    return bring(user.id, file, data_dir=data_dir)


def asked(user: User, workload: Workload | None, text: str = "cut my spend by 30 %", **options: Any) -> Run:
    workload_id = workload.id if workload else None
    return runs.start(connection(user), text=text, workload_id=workload_id, **options)


async def ended(house: House, run: Run) -> list[Event]:
    """Everything the run told, once it is over."""
    start = Position(epoch=(await sync_to_async(stream.head)(run.owner_id)).epoch, seq=0)
    told: list[Event] = []
    async for news in follow(run.owner_id, start, house.doorbells):
        assert isinstance(news, Batch)
        told += [event for event in news.events if run_of(event) == run.id]
        if any(ends_run(event) for event in told):
            return told
    raise AssertionError


def everything(user_id: UUID) -> tuple[Event, ...]:
    """The whole stream of a user."""
    news = stream.read_after(user_id, Position(epoch=stream.head(user_id).epoch, seq=0), limit=100_000)
    assert isinstance(news, Batch)
    return news.events
