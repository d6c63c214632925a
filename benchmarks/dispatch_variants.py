"""The variants of a tool call that benchmarks/dispatch.py compares. Needs Django set up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import cast
from uuid import uuid4

from asgiref.sync import sync_to_async
from pydantic_ai import Agent

from agents.llm.loop import adapt_tools
from agents.llm.turns import FinalText, PlanAction, PlanHistory, PlannedCall
from benchmarks.dispatch import CALLS, Work
from core.concurrency.database_threads import running_database_threads
from core.concurrency.one_core import staying_on_one_core
from core.context import UserExecutionContext
from core.i18n.text import text
from core.models import User
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import claim_queued_run
from tests.support.fakes import anything
from tests.support.llm.plan_models import build_plan_model
from tools.admission import AdmissionCheck, admit_call
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession

DATABASE_THREADS = 4  # as a server has by default
Variants = Mapping[str, Callable[[], Awaitable[list[Work]]]]


class RowsInput(ToolInput):
    model: str
    top: int


async def read_rows(wanted: RowsInput, reach: ToolContext) -> dict[str, int]:
    return {wanted.model: wanted.top}


ROWS_TOOL: Tool[RowsInput] = Tool(
    name="rows",
    title=text("Rows"),
    description="The rows of a model.",
    input=RowsInput,
    run=read_rows,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES}),
)


def plan_move(turn: PlanHistory) -> PlanAction:
    if len(turn.results) < CALLS:
        return [PlannedCall("rows", {"model": "gpt-4o", "top": len(turn.results)})]
    return FinalText("done")


@asynccontextmanager
async def open_variants(count: int) -> AsyncIterator[Variants]:
    """Each gives `count` runs of a scripted model, each of a user of its own, that make CALLS calls."""
    users = await sync_to_async(lambda: [User.objects.create(username=f"user-{uuid4()}") for _ in range(count)])()
    claims = [await sync_to_async(claim_queued_run)(user) for user in users]
    async with (
        staying_on_one_core(wanted=True),
        running_database_threads(DATABASE_THREADS) as database,
        StreamWriter(lambda written: None) as writer,
    ):
        bridges = WebSocketBridgeFactory(writer)

        def ours(admitting: AdmissionCheck) -> Callable[[], Awaitable[list[Work]]]:
            factory = ToolDispatcherFactory(
                catalog=MappingProxyType({"rows": ROWS_TOOL}), admit=admitting, database=database
            )

            async def work() -> list[Work]:
                return [run_dispatched(factory, bridges, claim.context) for claim in claims]

            return work

        async def bare() -> list[Work]:
            return [run_bare] * count

        yield {"bare": bare, "undecided": ours(anything), "netra": ours(partial(admit_call, database=database))}


async def run_bare() -> object:
    agent = Agent(build_plan_model(plan_move))

    @agent.tool_plain(name="rows")
    async def bare_rows(model: str, top: int) -> dict[str, int]:
        return {model: top}

    return await agent.run("?")


def run_dispatched(
    factory: ToolDispatcherFactory, bridges: WebSocketBridgeFactory, context: UserExecutionContext
) -> Work:
    async def run() -> object:
        emitter = bridges.for_context(context)
        async with factory.for_context(
            context,
            agent="data",
            tools=("rows",),
            recorder=emitter,
            session=cast(AnalysisSession, None),
            facts=RunFacts(ask="?"),
        ) as dispatcher:
            agent = Agent(build_plan_model(plan_move), tools=adapt_tools(dispatcher.tools.values()))
            done = await agent.run("?", deps=dispatcher)
        await emitter.close()
        return done

    return run
