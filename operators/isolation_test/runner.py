"""Run a self-test: create users, put the server under load, let runs and streams finish, compare and report."""

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
from operators.isolation_test.canaries import CanaryUser
from operators.isolation_test.comparison import UserObservations, compare_observations, load_stored_stream
from operators.isolation_test.findings import UserResults, build_detectors
from operators.isolation_test.report import IsolationReport, build_report
from operators.isolation_test.rest_actions import (
    create_objects,
    read_own_objects,
    rename_own_objects,
    try_everything_once,
    try_foreign_request,
)
from operators.isolation_test.rest_client import REQUEST_TIMEOUT, RestClient, TargetServer
from operators.isolation_test.simulated_user import SimulatedUser, observe_stream
from operators.isolation_test.stream_checks import EventOrderChecker
from operators.isolation_test.users import temporary_users
from operators.isolation_test.websocket_actions import ask_questions, resume_stream
from operators.isolation_test.websocket_client import open_websocket

T = TypeVar("T")
FIRST_ANSWER_TIMEOUT = 10.0  # seconds for the first answer of all
SOCKETS_PER_USER = 2  # sockets of one user that come and go, at a time
PAUSE_RANGE = (0.05, 0.3)  # seconds between two things that one task does: others use this server too
MAX_CONCURRENT = 40  # things under way, however many users there are: a server that is out of breath shows nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationTestOptions:
    """`seconds`: of the storm itself; it goes on until everybody has done everything once."""

    users: int
    seconds: float
    server: TargetServer


async def run_load(terms: IsolationTestOptions, people: Sequence[CanaryUser]) -> tuple[UserObservations, ...]:
    """Raises OperatorError where there is no server, or one of another installation."""
    crowd = asyncio.Semaphore(MAX_CONCURRENT)
    async with AsyncExitStack() as stack:
        actors = [
            await stack.enter_async_context(_open_user(terms, tally))
            for tally in map(UserResults, build_detectors(people))
        ]
        await _check_server(terms.server, people[0])
        async with AsyncExitStack() as witnesses:
            for actor in actors:
                await witnesses.enter_async_context(observe_stream(actor))
            await _run_all(crowd, [partial(create_objects, actor) for actor in actors])
            until = time.monotonic() + terms.seconds
            async with asyncio.TaskGroup() as tasks:
                for actor in actors:
                    _start_load(tasks, actor, [other for other in actors if other is not actor], crowd, until)
            await _run_all(crowd, [partial(finish_user, actor) for actor in actors])
        logs = await _run_all(crowd, [actor.rest.read_stream for actor in actors])
        return tuple(
            UserObservations(user=person, results=actor.results, chains=tuple(actor.chains), rest_chain=log)
            for person, actor, log in zip(people, actors, logs, strict=True)
        )


async def _run_all(crowd: asyncio.Semaphore, works: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    return await asyncio.gather(*[_run_limited(crowd, work) for work in works])


async def _run_limited(crowd: asyncio.Semaphore, work: Callable[[], Awaitable[T]]) -> T:
    async with crowd:
        return await work()


def _start_load(
    tasks: asyncio.TaskGroup,
    actor: SimulatedUser,
    others: Sequence[SimulatedUser],
    crowd: asyncio.Semaphore,
    until: float,
) -> None:
    doings: list[Callable[[], Awaitable[None]]] = [
        *[lambda: resume_stream(actor, others)] * SOCKETS_PER_USER,
        lambda: ask_questions(actor, others),
        lambda: read_own_objects(actor),
        lambda: rename_own_objects(actor),
        lambda: try_foreign_request(actor, others),
    ]
    tasks.create_task(_run_limited(crowd, lambda: try_everything_once(actor, others)))
    for doing in doings:
        tasks.create_task(_repeat_until(doing, actor.rng, crowd, until))


async def _repeat_until(
    doing: Callable[[], Awaitable[None]], chance: SystemRandom, crowd: asyncio.Semaphore, until: float
) -> None:
    while True:
        await _run_limited(crowd, doing)
        await asyncio.sleep(chance.uniform(*PAUSE_RANGE))
        if time.monotonic() >= until:
            return


@asynccontextmanager
async def _open_user(terms: IsolationTestOptions, tally: UserResults) -> AsyncIterator[SimulatedUser]:
    person = tally.detector.user
    async with terms.server.create_http_client(person, REQUEST_TIMEOUT) as client:
        order = EventOrderChecker(tally, "socket (witness)")
        yield SimulatedUser(person.canary, tally, RestClient(client, tally), terms.server, order, SystemRandom())


async def _check_server(server: TargetServer, person: CanaryUser) -> None:
    """Whether the server is there, and of this installation."""
    try:
        async with server.create_http_client(person, FIRST_ANSWER_TIMEOUT) as client:
            answer = await client.get("/api/me/")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OperatorError(f"No server answers at {server.url}: start it, or name it with --url.") from error
    if answer.status_code == 401:
        raise OperatorError(f"The server at {server.url} does not know users made here: it has another database.")
    if answer.status_code != 200:
        raise OperatorError(f"The server at {server.url} answers {answer.status_code}: is it Netra, under this name?")


END_TIMEOUT = 60.0  # seconds for the runs that are open: each is being stopped
CATCH_UP_TIMEOUT = 10.0  # seconds for news of what is over
BROKEN_CATCH_UP_TIMEOUT = 2.0
POLL_INTERVAL = 0.3
OPEN_STATES = ("queued", "running", "waiting_approval")


async def finish_user(actor: SimulatedUser) -> None:
    await _cancel_open_runs(actor)
    head = await actor.rest.get_position()
    if head is None:
        return
    if not await _wait_until(actor, lambda: actor.owned.positions[-1].seq >= head.seq):
        actor.results.add_finding("gap", "socket (witness)", "the stream stopped before its head")
    await _read_whole_stream(actor, head.seq)


async def _cancel_open_runs(actor: SimulatedUser) -> None:
    """Cancel what is open and wait for its end."""
    until = time.monotonic() + END_TIMEOUT
    while time.monotonic() < until:
        listed = await actor.rest.request("GET", "runs/")
        still = [run for run in (listed or {}).get("results", ()) if run["state"] in OPEN_STATES]
        if listed and not still:
            return
        for run in still:
            if run["cancel_requested_at"] is None:
                await actor.rest.request("POST", f"runs/{run['id']}/cancel/", expect=(202, 409))
        await asyncio.sleep(POLL_INTERVAL)
    actor.results.add_finding("wrong", "GET /api/runs/", "a run that was cancelled did not end")


async def _read_whole_stream(actor: SimulatedUser, head: int) -> None:
    """A new socket, from the first event to the head."""
    where = "socket (all at the end)"
    async with open_websocket(actor.server, actor.results, where) as socket:
        if socket is None:
            return
        start = actor.owned.positions[0]
        await socket.resume(start)
        if not await _wait_until(actor, lambda: socket.position is not None and socket.position.seq >= head):
            actor.results.add_finding("gap", where, "the stream stopped before its head")
    actor.chains.extend(socket.chains)


async def _wait_until(actor: SimulatedUser, there: Callable[[], bool]) -> bool:
    # A stream of which something is known to be wrong need not come to its end.
    until = time.monotonic() + (BROKEN_CATCH_UP_TIMEOUT if actor.results.findings else CATCH_UP_TIMEOUT)
    while not there():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(POLL_INTERVAL / 3)
    return True


def run_isolation_test(terms: IsolationTestOptions, data_dir: Path) -> IsolationReport:
    """Raises OperatorError where there is no server to test. However it ends, its users are gone."""
    with temporary_users(terms.users, terms.seconds, data_dir) as people:
        noted = asyncio.run(run_load(terms, people))
        for each in noted:
            compare_observations(each, load_stored_stream(each.user.user_id))
    return build_report([each.results for each in noted])
