"""Run an isolation test: create users, put the server under load, let runs and streams finish, compare and report."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import TypeVar

import httpx2

from core.exceptions import OperatorError
from operators.isolation_test.canaries import CanaryUser, UserResults, build_detectors
from operators.isolation_test.comparison import UserObservations, compare_observations, load_stored_stream
from operators.isolation_test.report import IsolationReport, build_report
from operators.isolation_test.rest_actions import (
    create_objects,
    read_own_objects,
    rename_own_objects,
    try_everything_once,
    try_foreign_request,
)
from operators.isolation_test.rest_client import PATIENCE, RestClient, TargetServer
from operators.isolation_test.simulated_user import SimulatedUser, observe_stream
from operators.isolation_test.stream_checks import EventOrderChecker
from operators.isolation_test.users import temporary_users
from operators.isolation_test.websocket_actions import ask_questions, resume_stream
from operators.isolation_test.websocket_client import open_websocket

T = TypeVar("T")
FIRST_ANSWER_TIMEOUT = 60.0  # seconds
SOCKETS_PER_USER = 2  # that come and go, besides the observer
PAUSE_RANGE = (0.05, 0.3)  # seconds between two actions of a task: real users need the server too
MAX_CONCURRENT = 40  # actions of all users together: an overloaded server would only show its overload
SILENCE = 60.0  # seconds in which nothing comes of what is already stored: then nothing more will
BROKEN_SILENCE = 2.0
POLL_INTERVAL = 0.3
OPEN_STATES = ("queued", "running", "waiting_approval")


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationTestOptions:
    """`seconds` is the duration of the load; every user does everything at least once, however long it takes."""

    users: int
    seconds: float
    server: TargetServer


def run_isolation_test(options: IsolationTestOptions, data_dir: Path) -> IsolationReport:
    """Run the isolation test, and remove its users however it ends. Raises OperatorError if no server responds."""
    with temporary_users(options.users, options.seconds, data_dir) as users:
        observations = asyncio.run(run_load(options, users))
        for each in observations:
            compare_observations(each, load_stored_stream(each.user.user_id))
    return build_report([each.results for each in observations])


async def run_load(options: IsolationTestOptions, users: Sequence[CanaryUser]) -> tuple[UserObservations, ...]:
    """Put the server under load. Raises OperatorError if there is no server, or one with another database."""
    semaphore = asyncio.Semaphore(MAX_CONCURRENT)
    async with AsyncExitStack() as stack:
        actors = [
            await stack.enter_async_context(_open_user(options, results))
            for results in map(UserResults, build_detectors(users))
        ]
        await _check_server(options.server, users[0])
        async with AsyncExitStack() as observers:
            for actor in actors:
                await observers.enter_async_context(observe_stream(actor))
            await _run_all(semaphore, [partial(create_objects, actor) for actor in actors])
            deadline = time.monotonic() + options.seconds
            async with asyncio.TaskGroup() as tasks:
                for actor in actors:
                    _start_load(tasks, actor, [other for other in actors if other is not actor], semaphore, deadline)
            await _run_all(semaphore, [partial(finish_user, actor) for actor in actors])
        logs = await _run_all(semaphore, [actor.rest.read_stream for actor in actors])
        return tuple(
            UserObservations(user=user, results=actor.results, chains=tuple(actor.chains), rest_chain=log)
            for user, actor, log in zip(users, actors, logs, strict=True)
        )


async def _run_all(semaphore: asyncio.Semaphore, jobs: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    return await asyncio.gather(*[_run_limited(semaphore, job) for job in jobs])


async def _run_limited(semaphore: asyncio.Semaphore, job: Callable[[], Awaitable[T]]) -> T:
    async with semaphore:
        return await job()


def _start_load(
    tasks: asyncio.TaskGroup,
    actor: SimulatedUser,
    others: Sequence[SimulatedUser],
    semaphore: asyncio.Semaphore,
    deadline: float,
) -> None:
    actions: list[Callable[[], Awaitable[None]]] = [
        *[lambda: resume_stream(actor, others)] * SOCKETS_PER_USER,
        lambda: ask_questions(actor, others),
        lambda: read_own_objects(actor),
        lambda: rename_own_objects(actor),
        lambda: try_foreign_request(actor, others),
    ]
    tasks.create_task(_run_limited(semaphore, lambda: try_everything_once(actor, others)))
    for action in actions:
        tasks.create_task(_repeat_until(action, actor.rng, semaphore, deadline))


async def _repeat_until(
    action: Callable[[], Awaitable[None]], rng: SystemRandom, semaphore: asyncio.Semaphore, deadline: float
) -> None:
    while True:
        await _run_limited(semaphore, action)
        await asyncio.sleep(rng.uniform(*PAUSE_RANGE))
        if time.monotonic() >= deadline:
            return


@asynccontextmanager
async def _open_user(options: IsolationTestOptions, results: UserResults) -> AsyncIterator[SimulatedUser]:
    user = results.detector.user
    async with options.server.create_http_client(user, PATIENCE) as client:
        order_checker = EventOrderChecker(results, "socket (observer)")
        yield SimulatedUser(
            user.canary, results, RestClient(client, results), options.server, order_checker, SystemRandom()
        )


async def _check_server(server: TargetServer, user: CanaryUser) -> None:
    """Raise OperatorError unless the server answers and knows this user."""
    try:
        async with server.create_http_client(user, FIRST_ANSWER_TIMEOUT) as client:
            answer = await client.get("/api/me/")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OperatorError(f"No server responds at {server.url}. Start it, or give its URL with --url.") from error
    if answer.status_code == 401:
        raise OperatorError(f"The server at {server.url} does not know the temporary users. It uses another database.")
    if answer.status_code != 200:
        raise OperatorError(
            f"The server at {server.url} responded with {answer.status_code}. Is it Netra, with this host allowed?"
        )


async def finish_user(actor: SimulatedUser) -> None:
    await _cancel_open_runs(actor)
    head = await actor.rest.get_position()
    if head is None:
        return
    if not await _catch_up(actor, lambda: actor.owned.positions[-1].seq, head.seq):
        actor.results.add_finding("gap", "socket (observer)", "the stream stopped before its head")
    await _read_whole_stream(actor, head.seq)


async def _cancel_open_runs(actor: SimulatedUser) -> None:
    """Cancel open runs and wait until they have ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        listed = await actor.rest.request("GET", "runs/")
        open_runs = [run for run in (listed or {}).get("results", ()) if run["state"] in OPEN_STATES]
        if listed and not open_runs:
            return
        for run in open_runs:
            if run["cancel_requested_at"] is None:
                await actor.rest.request("POST", f"runs/{run['id']}/cancel/", expect=(202, 409))
        await asyncio.sleep(POLL_INTERVAL)
    actor.results.add_finding("wrong", "GET /api/runs/", "a cancelled run did not end")


async def _read_whole_stream(actor: SimulatedUser, head: int) -> None:
    """Read from the first event to the head over a new socket."""
    where = "socket (full replay)"
    async with open_websocket(actor.server, actor.results, where) as socket:
        if socket is None:
            return
        start = actor.owned.positions[0]
        await socket.resume(start)
        if not await _catch_up(actor, lambda: -1 if socket.position is None else socket.position.seq, head):
            actor.results.add_finding("gap", where, "the stream stopped before its head")
    actor.chains.extend(socket.chains)


async def _catch_up(actor: SimulatedUser, read_seq: Callable[[], int], head: int) -> bool:
    """Wait until a stream has been received up to its head. Return False if nothing more comes."""
    seq, heard_at = read_seq(), time.monotonic()
    while seq < head:
        # A stream with a break may never reach its head.
        is_broken = any(finding.kind in ("gap", "double") for finding in actor.results.findings)
        if time.monotonic() - heard_at > (BROKEN_SILENCE if is_broken else SILENCE):
            return False
        await asyncio.sleep(POLL_INTERVAL / 3)
        if read_seq() != seq:
            seq, heard_at = read_seq(), time.monotonic()
    return True
