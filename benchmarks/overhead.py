"""What Netra adds to the bare agent loop: one agent with two tools, events durable, against pydantic-ai alone.

Both sides take turns in one process, so that a slow moment of the machine hits both. Prints medians of the time of a
run and their ratio, at 1 and at 100 runs at once. `python -m benchmarks.overhead [--rounds N]`
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, cast
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402
from pydantic_ai import Agent  # noqa: E402

from agents import leases, runs  # noqa: E402
from agents.base import BaseAgent  # noqa: E402
from agents.brief import Brief  # noqa: E402
from agents.conversation import Talking  # noqa: E402
from agents.kit import AgentKit, Done, StopSignal  # noqa: E402
from agents.plannedmodel import offline_model  # noqa: E402
from agents.planner import call_each  # noqa: E402
from netra.core.context import ConnectionContext, UserExecutionContext  # noqa: E402
from netra.core.models import User  # noqa: E402
from netra.language.text import quoted  # noqa: E402
from netra.temporary import temporary_installation  # noqa: E402
from realtime.bridge import WebSocketBridgeFactory  # noqa: E402
from realtime.writer import StreamWriter  # noqa: E402
from tools.admission import admit  # noqa: E402
from tools.base import Category, NoInput, RunFacts, SideEffects, Tool, ToolContext  # noqa: E402
from tools.dispatcher import ToolDispatcherFactory  # noqa: E402
from tools.kinds import Kind  # noqa: E402
from workloads.session import AnalysisSession  # noqa: E402

LEASE = timedelta(minutes=5)
PLAN = call_each("rows", "spend")


async def rows(_: NoInput, reach: ToolContext) -> dict[str, int]:
    return {"rows": 8819}


async def spend(_: NoInput, reach: ToolContext) -> dict[str, float]:
    return {"spend": 47.61}


def tool(name: str, run: Callable[[NoInput, ToolContext], Awaitable[Any]]) -> Tool[NoInput]:
    return Tool(
        name=name,
        title=quoted(name),
        description=f"The {name} of the log.",
        input=NoInput,
        run=run,
        category=Category.BASIC,
        side_effects=SideEffects.NONE,
        idempotent=True,
        holds=frozenset({Kind.FIGURES}),
    )


DISPATCHERS = ToolDispatcherFactory(
    catalog=MappingProxyType({"rows": tool("rows", rows), "spend": tool("spend", spend)}), admit=admit
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    text: str


class TwoTools(BaseAgent[Said]):
    name = "two_tools"
    title = "Two tools"
    seconds = 60
    output = Said
    tools = ("rows", "spend")
    instructions = "Call rows, then spend."

    def opening(self, brief: Brief) -> str:
        return "Calling two tools."

    async def perform(self, brief: Brief) -> Done[Said]:
        async with self.hands(brief) as hands:
            talk = await self.converse(hands, brief, str)
        return Done(output=Said(text=talk.output), summary=talk.output, messages=talk.messages)


def bare_agent() -> Agent[None, str]:
    agent = Agent(offline_model(PLAN), instructions="Call rows, then spend.")

    @agent.tool_plain(name="rows")
    async def bare_rows() -> dict[str, int]:
        return {"rows": 8819}

    @agent.tool_plain(name="spend")
    async def bare_spend() -> dict[str, float]:
        return {"spend": 47.61}

    return agent


def claims(users: list[User]) -> list[UserExecutionContext]:
    """A queued and claimed run for each user: what the engine hands over."""
    return [leases_of(user) for user in users]


def leases_of(user: User) -> UserExecutionContext:
    caller = ConnectionContext(user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))
    run = runs.start(caller, text="?", workload_id=None)
    claim = leases.claim("benchmark", lease=LEASE, run_seconds=60, run_id=run.id)
    assert claim is not None
    return claim.context


async def timed(work: list[Callable[[], Awaitable[object]]]) -> list[float]:
    """Seconds of each piece of work, all begun at once."""

    async def one(piece: Callable[[], Awaitable[object]]) -> float:
        start = time.perf_counter()
        await piece()
        return time.perf_counter() - start

    return list(await asyncio.gather(*[one(piece) for piece in work]))


async def compare(users: list[User], rounds: int) -> tuple[float, float]:
    """Median milliseconds of a bare run and of one on Netra."""
    agent, bare, ours = bare_agent(), [], []
    async with StreamWriter(lambda written: None) as writer:
        bridges = WebSocketBridgeFactory(writer)
        for round_ in range(rounds + 1):
            contexts = await sync_to_async(claims)(users)
            bare_seconds = await timed([lambda: agent.run("?")] * len(users))
            our_seconds = await timed([turn(context, bridges) for context in contexts])
            if round_:  # the first warms up
                bare += bare_seconds
                ours += our_seconds
    return statistics.median(bare) * 1000, statistics.median(ours) * 1000


def turn(context: UserExecutionContext, bridges: WebSocketBridgeFactory) -> Callable[[], Awaitable[object]]:
    async def run() -> None:
        emitter = bridges.for_context(context)
        kit = AgentKit(
            recorder=emitter,
            dispatchers=DISPATCHERS,
            session=cast(AnalysisSession, None),
            think=Talking(model_for=offline_model, streaming=False),
            notice=None,
            stop=StopSignal(),
        )
        await TwoTools(context, kit).execute(Brief(facts=RunFacts(ask="?")))
        await emitter.close()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with temporary_installation(settings.NETRA):
        people = [User.objects.create(username=f"user{number}") for number in range(100)]
        print("runs at once   bare (ms)   Netra (ms)   ratio")
        for at_once in (1, 100):
            bare, ours = asyncio.run(compare(people[:at_once], rounds if at_once > 1 else rounds * 10))
            print(f"{at_once:12}   {bare:9.2f}   {ours:10.2f}   {ours / bare:5.2f}")


if __name__ == "__main__":
    main()
