"""The storm: everything that a user can do, by many users at once, for a while."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import SystemRandom
from typing import TypeVar

import httpx2

from netra.core.exceptions import OperatorError
from netra.selftest.actor import Actor
from netra.selftest.asking import ask_for_a_while
from netra.selftest.bringing import bring
from netra.selftest.calls import PATIENCE, Caller
from netra.selftest.chain import Chain
from netra.selftest.order import Order
from netra.selftest.person import Person
from netra.selftest.reading import change, read, survey, trespass
from netra.selftest.server import Server
from netra.selftest.settling import settle
from netra.selftest.sieve import sieves
from netra.selftest.tally import Tally
from netra.selftest.visiting import visit
from netra.selftest.witness import witnessed

T = TypeVar("T")
FIRST_PATIENCE = 10.0  # seconds for the first answer of all
VISITORS = 2  # sockets of one user that come and go, at a time
PAUSES = (0.05, 0.3)  # seconds between two things that one task does: others use this server too
AT_ONCE = 40  # things under way, however many users there are: a server that is out of breath shows nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`seconds`: of the storm itself; it goes on until everybody has done everything once."""

    users: int
    seconds: float
    server: Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What one user has seen. `chains`: what sockets brought; `log`: the stream as REST tells it at the end."""

    person: Person
    tally: Tally
    chains: Sequence[Chain]
    log: Chain | None


async def storm(terms: Terms, people: Sequence[Person]) -> tuple[Noted, ...]:
    """Raises OperatorError where there is no server, or one of another installation."""
    crowd = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as stack:
        actors = [await stack.enter_async_context(_actor(terms, tally)) for tally in map(Tally, sieves(people))]
        await _knock(terms.server, people[0])
        async with AsyncExitStack() as witnesses:
            for actor in actors:
                await witnesses.enter_async_context(witnessed(actor))
            await _each(crowd, [partial(bring, actor) for actor in actors])
            until = time.monotonic() + terms.seconds
            async with asyncio.TaskGroup() as tasks:
                for actor in actors:
                    _let_loose(tasks, actor, [other for other in actors if other is not actor], crowd, until)
            await _each(crowd, [partial(settle, actor) for actor in actors])
        logs = await _each(crowd, [actor.caller.stream for actor in actors])
        return tuple(
            Noted(person=person, tally=actor.tally, chains=tuple(actor.chains), log=log)
            for person, actor, log in zip(people, actors, logs, strict=True)
        )


async def _each(crowd: asyncio.Semaphore, works: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    return await asyncio.gather(*[_in_turn(crowd, work) for work in works])


async def _in_turn(crowd: asyncio.Semaphore, work: Callable[[], Awaitable[T]]) -> T:
    async with crowd:
        return await work()


def _let_loose(
    tasks: asyncio.TaskGroup, actor: Actor, others: Sequence[Actor], crowd: asyncio.Semaphore, until: float
) -> None:
    doings: list[Callable[[], Awaitable[None]]] = [
        *[lambda: visit(actor, others)] * VISITORS,
        lambda: ask_for_a_while(actor, others),
        lambda: read(actor),
        lambda: change(actor),
        lambda: trespass(actor, others),
    ]
    tasks.create_task(_in_turn(crowd, lambda: survey(actor, others)))
    for doing in doings:
        tasks.create_task(_again_and_again(doing, actor.chance, crowd, until))


async def _again_and_again(
    doing: Callable[[], Awaitable[None]], chance: SystemRandom, crowd: asyncio.Semaphore, until: float
) -> None:
    while True:
        await _in_turn(crowd, doing)
        await asyncio.sleep(chance.uniform(*PAUSES))
        if time.monotonic() >= until:
            return


@asynccontextmanager
async def _actor(terms: Terms, tally: Tally) -> AsyncIterator[Actor]:
    person = tally.sieve.own
    async with terms.server.client(person, PATIENCE) as client:
        order = Order(tally, "socket (witness)")
        yield Actor(person.canary, tally, Caller(client, tally), terms.server, order, SystemRandom())


async def _knock(server: Server, person: Person) -> None:
    """Whether the server is there, and of this installation."""
    try:
        async with server.client(person, FIRST_PATIENCE) as client:
            answer = await client.get("/api/me/")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OperatorError(f"No server answers at {server.url}: start it, or name it with --url.") from error
    if answer.status_code == 401:
        raise OperatorError(f"The server at {server.url} does not know users made here: it has another database.")
    if answer.status_code != 200:
        raise OperatorError(f"The server at {server.url} answers {answer.status_code}: is it Netra, under this name?")
