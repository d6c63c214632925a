"""One storm: an installation, its users, and one fault after the other, each once everybody has recovered."""

import asyncio
import json
import random
import shlex
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.installation import Person
from tests.faults.storm.asker import Asker
from tests.faults.storm.cutting_proxy import cutting_proxy
from tests.faults.storm.faults import FAULTS, Target
from tests.faults.storm.report import FOREIGN, Recovery, StormResult
from tests.faults.test_full_disk import LOG, Caller
from tests.netra.scale_out.running import ScaledProcess, remove_cluster, running_scaled
from tests.support.live_server import ROOT, bare
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

SETTINGS = {
    "NETRA_REQUESTS_PER_MINUTE": "0",
    "NETRA_PAGE_REQUESTS_PER_MINUTE": "0",
    "NETRA_PAGE_REQUESTS_IN_ALL": "0",
    "NETRA_CACHE_BYTES": "0",  # so that the object store is needed again and again
}
LOG_SHARE = 4
"""Every so manyth user has a log, and asks about it."""
CALM_SECONDS = 1.0  # between two faults, and in which a second end of a run would come
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StormOptions:
    """What the installation's processes print is written to `log`."""

    folder: Path
    faults: int
    users: int
    seed: int
    kinds: tuple[str, ...] = tuple(FAULTS)
    log: Path | None = None


def run_storm(options: StormOptions, say: Say) -> StormResult:
    try:
        with running_scaled(options.folder, "--s3", **SETTINGS) as scaled:
            scaled.await_start()
            people = create_people(options)
            logs = upload_logs(scaled, people[::LOG_SHARE])
            began = time.monotonic()
            result = asyncio.run(play(scaled, people, logs, options, say))
            result.seconds = time.monotonic() - began
            assert scaled.process.poll() is None, scaled.said[-3000:]
    finally:
        if options.log is not None:
            options.log.write_text(scaled.said)
        remove_cluster(options.folder)
    result.wrong += find_complaints(scaled)
    return result


def create_people(options: StormOptions) -> list[Person]:
    command = ["-m", "tests.faults.people", str(options.users)]
    environment = bare(DJANGO_SETTINGS_MODULE="netra.settings", **read_environment(options.folder))
    done = run_python(command, env=environment, cwd=ROOT, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return [Person(**each) for each in json.loads(done.stdout)]


def upload_logs(scaled: ScaledProcess, people: list[Person]) -> dict[str, str]:
    """Return the log of each of these users."""
    callers = {person.id: Caller(scaled.server, person) for person in people}
    logs = {user: caller.upload(LOG) for user, caller in callers.items()}
    for user, caller in callers.items():
        assert caller.log(logs[user], "ready", "failed")["state"] == "ready"
    return logs


def read_environment(folder: Path) -> dict[str, str]:
    lines = (folder / "environment").read_text().splitlines()
    return dict(shlex.split(line)[0].split("=", 1) for line in lines)


async def play(
    scaled: ScaledProcess, people: list[Person], logs: Mapping[str, str], options: StormOptions, say: Say
) -> StormResult:
    chance, result = random.Random(options.seed), StormResult()
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(cutting_proxy(scaled.port))
        url = f"ws://127.0.0.1:{proxy.port}/ws/"
        askers = [Asker(person, url, seed, logs.get(person.id)) for seed, person in enumerate(people)]
        attending = [asyncio.create_task(asker.attend()) for asker in askers]
        asking = [asyncio.create_task(asker.ask_on()) for asker in askers]
        stack.callback(lambda: [task.cancel() for task in (*attending, *asking)])
        target = Target(scaled, proxy, read_administrator(options.folder), chance)
        await until(lambda: all(asker.told.digests for asker in askers))
        kinds = options.kinds
        for number in range(options.faults):
            if number % len(kinds) == 0:
                order = chance.sample(kinds, len(kinds))
            recovery = await inflict(target, order[number % len(kinds)], askers)
            result.recoveries.append(recovery)
            say(f"{number + 1:4}  {recovery.kind:32}{recovery.open:4} open{recovery.seconds:8.1f} s")
        for asker in askers:
            asker.is_asking = False
        await until(lambda: all(task.done() for task in asking))
        await asyncio.sleep(CALM_SECONDS)
        for asker in askers:
            result.wrong += await find_errors(asker, url)
        failed = [task.exception() for task in (*asking, *attending) if task.done() and not task.cancelled()]
        result.wrong += [repr(error) for error in failed if error is not None]
        result.answered = sum(len(asker.questions) for asker in askers)
        ends = [event for asker in askers for event in asker.told.list_ends()]
        codes = [event["code"] for event in ends if event["type"] == "agent_error"]
        result.failed = dict(Counter(codes))
    return result


async def inflict(target: Target, kind: str, askers: list[Asker]) -> Recovery:
    await until(lambda: any(asker.open for asker in askers))
    open_questions = [question for asker in askers for question in asker.open]
    began, began_at = time.monotonic(), datetime.now(UTC)
    await FAULTS[kind](target)
    deadline = began + PATIENCE
    while any(question.ended_at is None for question in open_questions) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    await asyncio.sleep(CALM_SECONDS)
    ended = [question.ended_at for question in open_questions if question.ended_at is not None]
    return Recovery(
        kind,
        seconds=max(ended, default=deadline) - began,
        open=len(open_questions),
        lost=len(open_questions) - len(ended),
        doubled=sum(asker.told.count_doubled() for asker in askers),
        resumed=tuple(delay for asker in askers for delay in list_resumptions(asker, began_at)),
    )


def list_resumptions(asker: Asker, since: datetime) -> list[float]:
    """The seconds from this moment until each run was begun that was begun before."""
    at = [datetime.fromisoformat(event["at"]) for event in asker.told.resumptions]
    return [(each - since).total_seconds() for each in at if each > since]


async def find_errors(asker: Asker, url: str) -> list[str]:
    wrong = list(asker.wrong)
    runs = {question.run_id for question in asker.questions if question.run_id}
    wrong += [f"run {run} has {count} ends" for run in runs if (count := len(asker.told.ends(run))) != 1]
    foreign = asker.told.run_ids - runs
    wrong += [f"a run of {FOREIGN}, or one that was never accepted: {run}" for run in foreign]
    again = Asker(asker.told.person, url, 0)
    again.is_asking = False
    reading = asyncio.create_task(again.attend())
    try:
        await until(lambda: again.told.upto >= asker.told.upto)
    finally:
        reading.cancel()
    if again.told.digests != asker.told.digests:
        wrong.append("the stream, read anew, is another one than was received")
    return [f"{asker.told.person.id}: {each}" for each in wrong]


def read_administrator(folder: Path) -> str:
    environment = read_environment(folder)
    password = json.loads((folder / "passwords.json").read_text())["postgres"]
    address = environment["DATABASE_URL"].partition("@")[2].partition("/")[0]
    return f"postgres://postgres:{password}@{address}/postgres"


def find_complaints(scaled: ScaledProcess) -> list[str]:
    """What no fault is an excuse for."""
    return [line for line in scaled.lines if "isolation" in line.lower() and "incident" in line.lower()]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.05)
