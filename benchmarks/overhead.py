"""The overhead of Netra over the bare agent loop: one agent with two tools, events durable, against pydantic-ai alone.

The two take turns in one process, so that a slow moment of the machine hits both. Prints medians of the time of a
run and their ratio, at 1 and at 100 runs at once, and the same of the process's processor time.
`python -m benchmarks.overhead [--rounds N]`"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402
from pydantic_ai import Agent  # noqa: E402

from agents import run_queue, runs  # noqa: E402
from agents.framework.agent import BaseAgent  # noqa: E402
from agents.framework.deps import AgentDeps, AgentResult, RunInput  # noqa: E402
from agents.llm.loop import ModelLoop  # noqa: E402
from agents.llm.turns import ModelRunner, build_call_plan  # noqa: E402
from agents.run_jobs import build_run_job  # noqa: E402
from agents.run_queue import StopSignal  # noqa: E402
from core.concurrency.database_threads import running_database_threads  # noqa: E402
from core.concurrency.one_core import staying_on_one_core  # noqa: E402
from core.context import ConnectionContext, UserExecutionContext  # noqa: E402
from core.i18n.text import verbatim_text  # noqa: E402
from core.models import User  # noqa: E402
from core.stream.append import publish_to_nobody  # noqa: E402
from netra.cli.log_options import temporary_installation  # noqa: E402
from netra.process import GarbageCollector, exit_now  # noqa: E402
from realtime.emitter import WebSocketBridgeFactory  # noqa: E402
from realtime.writer.stream_writer import StreamWriter  # noqa: E402
from tests.support.fakes import no_log  # noqa: E402
from tests.support.llm.plan_models import build_plan_model  # noqa: E402
from tools.admission import admit_call  # noqa: E402
from tools.base import Category, DataKind, NoInput, RunFacts, SideEffects, Tool, ToolContext  # noqa: E402
from tools.run_dispatcher import ToolDispatcherFactory  # noqa: E402

PLAN = build_call_plan("rows", "spend")


async def read_rows(_: NoInput, reach: ToolContext) -> dict[str, int]:
    return {"rows": 8819}


async def read_spend(_: NoInput, reach: ToolContext) -> dict[str, float]:
    return {"spend": 47.61}


def build_tool(name: str, run: Callable[[NoInput, ToolContext], Awaitable[Any]]) -> Tool[NoInput]:
    return Tool(
        name=name,
        title=verbatim_text(name),
        description=f"The {name} of the log.",
        input=NoInput,
        run=run,
        category=Category.BASIC,
        side_effects=SideEffects.NONE,
        idempotent=True,
        result_kinds=frozenset({DataKind.FIGURES}),
    )


TOOLS = MappingProxyType({"rows": build_tool("rows", read_rows), "spend": build_tool("spend", read_spend)})
DATABASE_THREADS = 4  # as a server has by default


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoToolsOutput:
    text: str


class TwoToolsAgent(BaseAgent[TwoToolsOutput]):
    name = "two_tools"
    title = "Two tools"
    seconds = 60
    output = TwoToolsOutput
    tools = ("rows", "spend")
    instructions = "Call rows, then spend."

    def opening(self, run_input: RunInput) -> str:
        return "Calling two tools."

    async def perform(self, run_input: RunInput) -> AgentResult[TwoToolsOutput]:
        async with self.open_dispatcher(run_input) as dispatcher:
            talk = await self.run_model(dispatcher, run_input, str)
        return AgentResult(output=TwoToolsOutput(text=talk.output), summary=talk.output, messages=talk.messages)


def build_bare_agent() -> Agent[None, str]:
    agent = Agent(build_plan_model(PLAN), instructions="Call rows, then spend.")

    @agent.tool_plain(name="rows")
    async def bare_rows() -> dict[str, int]:
        return {"rows": 8819}

    @agent.tool_plain(name="spend")
    async def bare_spend() -> dict[str, float]:
        return {"spend": 47.61}

    return agent


def claim_runs(users: list[User]) -> list[UserExecutionContext]:
    """A run that has begun, for each user: what the worker is given."""
    return [claim_run(user) for user in users]


def claim_run(user: User) -> UserExecutionContext:
    caller = ConnectionContext(user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC))
    run, _ = runs.start_run(caller, question="?", workload_id=None, publish=publish_to_nobody)
    begun = run_queue.begin_run(build_run_job(run), run_seconds=60, publish=publish_to_nobody)
    assert begun is not None
    return begun.context


@dataclass(slots=True)
class Spent:
    """Seconds of each run, and of processor time of a run in each round."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    async def add(self, work: list[Callable[[], Awaitable[object]]]) -> None:
        began = time.process_time()
        self.seconds += await measure_work(work)
        self.processor.append((time.process_time() - began) / len(work))

    def describe(self) -> tuple[float, float]:
        """Return both medians in milliseconds."""
        return statistics.median(self.seconds) * 1000, statistics.median(self.processor) * 1000


async def measure_work(work: list[Callable[[], Awaitable[object]]]) -> list[float]:
    """Seconds of each piece of work, all begun at once."""

    async def one(piece: Callable[[], Awaitable[object]]) -> float:
        start = time.perf_counter()
        await piece()
        return time.perf_counter() - start

    return list(await asyncio.gather(*[one(piece) for piece in work]))


async def compare_overhead(users: list[User], rounds: int) -> tuple[Spent, Spent]:
    """Measure bare runs and those on Netra."""
    agent, bare, ours = build_bare_agent(), Spent(), Spent()
    async with (
        staying_on_one_core(wanted=True),
        running_database_threads(DATABASE_THREADS) as database,
        StreamWriter(lambda written: None) as writer,
    ):
        bridges, runner = WebSocketBridgeFactory(writer), ModelLoop(model_factory=build_plan_model, streaming=False)
        # As in a server: asgiref's one thread, which commands use, takes several times as long for a decision.
        factory = ToolDispatcherFactory(catalog=TOOLS, admit=partial(admit_call, database=database), database=database)
        for round_ in range(rounds + 1):
            contexts = await sync_to_async(claim_runs)(users)
            # The first round warms up.
            await (bare if round_ else Spent()).add([lambda: agent.run("?")] * len(users))
            await (ours if round_ else Spent()).add([build_run(each, bridges, factory, runner) for each in contexts])
    return bare, ours


def build_run(
    context: UserExecutionContext,
    bridges: WebSocketBridgeFactory,
    factory: ToolDispatcherFactory,
    runner: ModelRunner,
) -> Callable[[], Awaitable[object]]:
    async def run() -> None:
        emitter = bridges.for_context(context)
        deps = AgentDeps(
            recorder=emitter,
            dispatcher_factory=factory,
            session=no_log(),
            model_runner=runner,
            notice=None,
            stop=StopSignal(),
        )
        await TwoToolsAgent(context, deps).execute(RunInput(facts=RunFacts(ask="?")))
        await emitter.close()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with temporary_installation(settings.NETRA):
        people = [User.objects.create(username=f"user{number}") for number in range(100)]
        GarbageCollector().freeze()  # as a server does: each run on Netra had a collection, 1.0 ms on average
        print("runs at once   bare (ms)   Netra (ms)   ratio   processor time: bare (ms)   Netra (ms)   ratio")
        for at_once in (1, 100):
            rounds_now = rounds if at_once > 1 else rounds * 10
            bare, ours = (each.describe() for each in asyncio.run(compare_overhead(people[:at_once], rounds_now)))
            print(f"{at_once:12}   {bare[0]:9.2f}   {ours[0]:10.2f}   {ours[0] / bare[0]:5.2f}", end="")
            print(f"   {bare[1]:25.2f}   {ours[1]:10.2f}   {ours[1] / bare[1]:5.2f}", flush=True)
    exit_now(0)


if __name__ == "__main__":
    main()
