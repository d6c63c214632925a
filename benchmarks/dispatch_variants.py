"""The ways to call one tool that benchmarks/dispatch.py compares. Needs Django set up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import cast
from uuid import uuid4

from asgiref.sync import sync_to_async
from pydantic_ai import Agent

from agents.offered import offered
from agents.plannedmodel import offline_model
from agents.planner import Call, Move, Say, Turn
from benchmarks.dispatch import CALLS, Work
from netra.core.context import UserExecutionContext
from netra.core.models import User
from netra.language.text import text
from realtime.bridge import WebSocketBridgeFactory
from realtime.writer import StreamWriter
from tests.agents.claimed import claimed
from tests.told import anything
from tools.admission import Admit, admit
from tools.base import Category, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.dispatcher import ToolDispatcherFactory
from tools.kinds import Kind
from workloads.session import AnalysisSession

Ways = Mapping[str, Callable[[], Awaitable[list[Work]]]]


class Wanted(ToolInput):
    model: str
    top: int


async def rows(wanted: Wanted, reach: ToolContext) -> dict[str, int]:
    return {wanted.model: wanted.top}


ROWS: Tool[Wanted] = Tool(
    name="rows",
    title=text("Rows"),
    description="The rows of a model.",
    input=Wanted,
    run=rows,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES}),
)


def plan(turn: Turn) -> Move:
    if len(turn.returns) < CALLS:
        return [Call("rows", {"model": "gpt-4o", "top": len(turn.returns)})]
    return Say("done")


@asynccontextmanager
async def ways(count: int) -> AsyncIterator[Ways]:
    """Each gives `count` runs of a scripted model, each of a user of its own, that make CALLS calls."""
    users = await sync_to_async(lambda: [User.objects.create(username=f"user-{uuid4()}") for _ in range(count)])()
    claims = [await sync_to_async(claimed)(user) for user in users]
    async with StreamWriter(lambda written: None) as writer:
        bridges = WebSocketBridgeFactory(writer)

        def ours(admitting: Admit) -> Callable[[], Awaitable[list[Work]]]:
            factory = ToolDispatcherFactory(catalog=MappingProxyType({"rows": ROWS}), admit=admitting)

            async def work() -> list[Work]:
                return [dispatched(factory, bridges, claim.context) for claim in claims]

            return work

        async def bare() -> list[Work]:
            return [alone] * count

        yield {"bare": bare, "undecided": ours(anything), "netra": ours(admit)}


async def alone() -> object:
    agent = Agent(offline_model(plan))

    @agent.tool_plain(name="rows")
    async def bare_rows(model: str, top: int) -> dict[str, int]:
        return {model: top}

    return await agent.run("?")


def dispatched(factory: ToolDispatcherFactory, bridges: WebSocketBridgeFactory, context: UserExecutionContext) -> Work:
    async def run() -> object:
        emitter = bridges.for_context(context)
        async with factory.for_context(
            context,
            agent="data",
            tools=("rows",),
            recorder=emitter,
            session=cast(AnalysisSession, None),
            facts=RunFacts(ask="?"),
        ) as hands:
            done = await Agent(offline_model(plan), tools=offered(hands)).run("?")
        await emitter.close()
        return done

    return run
