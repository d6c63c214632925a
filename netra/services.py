"""The only place that composes: here the rooms' parts are put together, for a server, a worker or a command alike."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer as shared_layer
from django.utils.module_loading import import_string

from agents.aftermath import Aftermath
from agents.brief import Brief
from agents.catalog import AGENTS
from agents.kit import AgentFailed, AgentKit, StopSignal
from agents.leases import Claim
from agents.modelchoice import OFFLINE, ModelChoice, configured
from agents.modelprice import ModelPrices
from agents.planned import follow_plan
from agents.roster import Roster
from agents.steps import steps_of
from agents.supervisor import SupervisorAgent
from agents.thinking import Think
from agents.triage import TriageAgent
from netra.core.databasework import DatabaseWork, database_threads
from netra.core.exceptions import RunLost
from netra.core.stream import Batch
from netra.environment import Environment
from netra.language.languages import read_languages
from netra.operating.agent import for_operations, operate
from netra.operating.catalog import OPERATOR_TOOLS
from netra.operating.dispatcher import AdminToolDispatcherFactory
from realtime.bridge import WebSocketBridgeFactory
from realtime.doorbell import Doorbells
from realtime.emitter import UserWebSocketEmitter
from realtime.measures import Measures
from realtime.ringer import Ringer
from realtime.sockets import Sockets, watch_over
from realtime.watch import watch
from realtime.writer import StreamWriter
from tools.admission import admit
from tools.audit.anchorfile import NAME
from tools.audit.anchors import anchoring
from tools.base import RunFacts
from tools.catalog import TOOLS
from tools.dispatcher import ToolDispatcherFactory
from workloads.confinement import Limits, limits_of
from workloads.session import AnalysisSession


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What one process shares among all runs: configuration, threads and doors; nothing of any user."""

    doorbells: Doorbells
    told: Callable[[Mapping[UUID, Batch]], None]
    sockets: Sockets
    ringer: Ringer
    measures: Measures
    bridges: WebSocketBridgeFactory
    dispatchers: ToolDispatcherFactory
    operators: AdminToolDispatcherFactory
    executor: Executor
    database: DatabaseWork
    data_dir: Path
    limits: Limits
    model: ModelChoice
    think: Think
    prices: ModelPrices | None
    roster: Roster
    aftermath: Aftermath

    async def execute(self, claim: Claim, stop: StopSignal) -> None:
        """Make one attempt at a run. Returns when its terminal event is stored, or quietly where the run was lost."""
        emitter = self.bridges.for_context(claim.context)
        temp = self.data_dir / "scratch" / f"{claim.context.run_id}-{claim.context.attempt}"
        session = AnalysisSession(
            claim.context,
            workload_id=claim.workload_id,
            assumptions=claim.assumptions,
            executor=self.executor,
            data_dir=self.data_dir,
            temp=temp,
            limits=self.limits,
        )
        began, outcome = time.monotonic(), "given_back"
        try:
            async with AsyncExitStack() as scope:
                await scope.enter_async_context(session)
                kit = await self._kit(claim, emitter, session, stop)
                outcome = await self._ended(claim, kit)
                if outcome != "lost" and self.aftermath.takes(kit.later):
                    self.aftermath.take(kit.later, scope.pop_all())
        finally:
            self.measures.run_ended(stop.because or outcome, time.monotonic() - began)
            await emitter.close()

    async def _ended(self, claim: Claim, kit: AgentKit) -> str:
        """How it ended, as it is measured."""
        try:
            await self._perform(claim, kit)
        except AgentFailed:
            return "failed"  # told in the stream
        except RunLost:
            return "lost"  # another worker's to tell
        return "completed"

    async def _perform(self, claim: Claim, kit: AgentKit) -> None:
        if for_operations(claim):
            await operate(claim, kit, self.operators)
            return
        supervisor = SupervisorAgent(claim.context, kit, await self.roster(claim))
        await supervisor.execute(Brief(facts=RunFacts(ask=claim.ask)))

    async def _kit(
        self, claim: Claim, emitter: UserWebSocketEmitter, session: AnalysisSession, stop: StopSignal
    ) -> AgentKit:
        return AgentKit(
            recorder=emitter,
            dispatchers=self.dispatchers,
            session=session,
            think=self.think,
            notice=self.model.notice,
            stop=stop,
            prices=self.prices,
            order=tuple(name for name in AGENTS if name != TriageAgent.name),
            steps=await self.database.run(claim.context.user_id, steps_of, claim.context),
            deprecated=self.measures.legacy_called,
            database=self.database,
        )


@asynccontextmanager
async def open_house(environment: Environment, *, think: Think | None = None) -> AsyncIterator[House]:
    """The process's parts, from the environment, for the time of the block. Tests may say how it thinks."""
    choice = configured(environment)
    doorbells, measures, sockets = Doorbells(), Measures(), Sockets()
    ringer = Ringer(shared_layer() if environment.redis_url else None, doorbells)

    def told(written: Mapping[UUID, Batch]) -> None:
        doorbells.feed(written)
        ringer.written(written)

    async with (
        database_threads(environment.database_threads) as database,
        analysis_threads(environment.analysis_threads) as executor,
        _thinking(choice) as chosen,
        StreamWriter(told, measures) as writer,
        _background(watch(doorbells), watch_over(sockets), ringer.run(), anchoring(environment.data_dir / NAME)),
        Aftermath() as aftermath,
    ):
        # Before anybody is told anything: later the event loop would stand still for it.
        await asyncio.to_thread(read_languages)
        yield House(
            doorbells=doorbells,
            told=told,
            sockets=sockets,
            ringer=ringer,
            measures=measures,
            bridges=WebSocketBridgeFactory(writer),
            dispatchers=ToolDispatcherFactory(
                catalog=TOOLS, admit=partial(admit, database=database), remote=choice.is_remote
            ),
            operators=AdminToolDispatcherFactory(
                catalog=OPERATOR_TOOLS, data_dir=environment.data_dir, database=database, remote=choice.is_remote
            ),
            executor=executor,
            database=database,
            data_dir=environment.data_dir,
            limits=limits_of(environment),
            model=choice,
            think=think or chosen,
            roster=import_string(environment.roster),
            aftermath=aftermath,
            # Reading the list takes a moment; without a remote model nothing is paid for.
            prices=None if choice.provider == OFFLINE else await asyncio.to_thread(ModelPrices),
        )


@asynccontextmanager
async def analysis_threads(count: int) -> AsyncIterator[Executor]:
    """Threads for slow work; at the end they are waited for, off the event loop."""
    executor = ThreadPoolExecutor(max_workers=count, thread_name_prefix="analysis")
    try:
        yield executor
    finally:
        await asyncio.to_thread(executor.shutdown)


@asynccontextmanager
async def _background(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def _thinking(choice: ModelChoice) -> AsyncIterator[Think]:
    if choice.provider == OFFLINE:
        yield follow_plan
        return
    # Here, as importing a model's library takes most of the start of a process that needs none.
    from agents.conversation import Talking  # noqa: PLC0415
    from agents.llm import remote_model  # noqa: PLC0415

    async with remote_model(choice) as remote:
        yield Talking(model_for=lambda plan: remote)
