"""A program with a runner of jobs, whose database is restarted by whoever has started it.

It prints "begun" when a long job has begun, waits for a line, and prints at last what became of all jobs, as JSON."""

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import DatabaseError, connections, transaction  # noqa: E402

from core.concurrency.database_threads import running_database_threads  # noqa: E402
from core.jobs.job import Job  # noqa: E402
from core.jobs.kinds import JobKind, Pool  # noqa: E402
from core.jobs.queue import get_queue  # noqa: E402
from core.jobs.runner import build_runner  # noqa: E402

SECONDS = {"long": 6.0, "during": 0.0, "after": 0.0}


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def enqueue(key: str) -> None:
    with transaction.atomic():
        get_queue().enqueue(Job(kind="work", key=key, owner=UUID(int=1), at_once=4))


def find_open() -> set[str]:
    return get_queue().find_open("work", list(SECONDS))


async def insist(database: Any, work: Any, *arguments: Any) -> Any:
    """Do it again until the database is there, as whoever asks does."""
    while True:
        try:
            return await database.run("test", work, *arguments)
        except DatabaseError:
            await asyncio.sleep(0.2)


async def main() -> None:
    done: list[str] = []

    async def handle(job: Job, aborted: asyncio.Event) -> None:
        if job.key == "long":
            tell("begun")
        await asyncio.sleep(SECONDS[job.key])
        done.append(job.key)

    pool = Pool(name="test", kinds=(JobKind(name="work", handle=handle, seconds=60),), concurrency=2)
    async with running_database_threads(3) as database, build_runner((pool,), database) as runner:
        await database.run("test", enqueue, "long")
        await asyncio.to_thread(sys.stdin.readline)  # it is going down now
        await insist(database, enqueue, "during")
        await asyncio.to_thread(sys.stdin.readline)  # it is there again
        await insist(database, enqueue, "after")
        while await insist(database, find_open):
            await asyncio.sleep(0.1)
        tell(json.dumps({"done": sorted(set(done)), "alive": runner.is_alive}))


try:
    asyncio.run(main())
finally:
    connections.close_all()
