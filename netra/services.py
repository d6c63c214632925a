"""The services that one process shares among its requests, sockets and runs, and how they are wired for a server, a worker or a command."""

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

from agents.framework.background import BackgroundTasks
from agents.framework.deps import AgentDeps, AgentFailed, RunInput
from agents.framework.registry import AGENTS, AgentSelector
from agents.llm.config import OFFLINE, ModelChoice, read_model_choice
from agents.llm.metering import ModelPrices
from agents.llm.offline import follow_plan
from agents.llm.turns import ModelRunner
from agents.queries import load_recorded_steps
from agents.run_queue import RunJob, StopSignal
from agents.team.supervisor import SupervisorAgent
from agents.team.triage import TriageAgent
from core.database_threads import DatabaseExecutor, running_database_threads
from core.exceptions import RunLost
from core.i18n.language import load_languages
from core.stream.batches import Batch
from netra.config import Environment
from operators.agent import is_operations_run, run_operations_agent
from operators.dispatcher import AdminToolDispatcherFactory
from operators.registry import OPERATOR_TOOLS
from realtime.broadcast import ChannelLayerNotifier
from realtime.connections import ConnectionRegistry, supervise_connections
from realtime.emitter import UserWebSocketEmitter, WebSocketBridgeFactory
from realtime.metrics import Metrics
from realtime.subscriptions import StreamSubscriptions, poll_streams
from realtime.writer.stream_writer import StreamWriter
from tools.admission import admit_call
from tools.audit.anchors import ANCHOR_FILE_NAME, anchor_periodically
from tools.base import RunFacts
from tools.dispatcher import ToolDispatcherFactory
from tools.registry import TOOLS
from workloads.analysis.session import AnalysisSession
from workloads.child_process import ProcessLimits, limits_from_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What one process shares among all runs: configuration, threads and doors; nothing of any user."""

    subscriptions: StreamSubscriptions
    publish: Callable[[Mapping[UUID, Batch]], None]
    connections: ConnectionRegistry
    notifier: ChannelLayerNotifier
    metrics: Metrics
    bridge_factory: WebSocketBridgeFactory
    dispatcher_factory: ToolDispatcherFactory
    admin_dispatcher_factory: AdminToolDispatcherFactory
    analysis_executor: Executor
    database: DatabaseExecutor
    data_dir: Path
    process_limits: ProcessLimits
    model: ModelChoice
    model_runner: ModelRunner
    model_prices: ModelPrices | None
    select_agents: AgentSelector
    background_tasks: BackgroundTasks

    async def execute_run(self, claim: RunJob, stop: StopSignal) -> None:
        """Make one attempt at a run. Returns when its terminal event is stored, or quietly where the run was lost."""
        emitter = self.bridge_factory.for_context(claim.context)
        temp = self.data_dir / "scratch" / f"{claim.context.run_id}-{claim.context.attempt}"
        session = AnalysisSession(
            claim.context,
            workload_id=claim.workload_id,
            assumptions=claim.assumptions,
            executor=self.analysis_executor,
            data_dir=self.data_dir,
            temp=temp,
            limits=self.process_limits,
        )
        began, outcome = time.monotonic(), "given_back"
        try:
            async with AsyncExitStack() as scope:
                await scope.enter_async_context(session)
                kit = await self._build_deps(claim, emitter, session, stop)
                outcome = await self._run_to_outcome(claim, kit)
                if outcome != "lost" and self.background_tasks.has_room_for(kit.deferred_work):
                    self.background_tasks.start(kit.deferred_work, scope.pop_all())
        finally:
            self.metrics.record_run_end(stop.reason or outcome, time.monotonic() - began)
            await emitter.close()

    async def _run_to_outcome(self, claim: RunJob, kit: AgentDeps) -> str:
        """How it ended, as it is measured."""
        try:
            await self._run_agents(claim, kit)
        except AgentFailed:
            return "failed"  # told in the stream
        except RunLost:
            return "lost"  # another worker's to tell
        return "completed"

    async def _run_agents(self, claim: RunJob, kit: AgentDeps) -> None:
        if is_operations_run(claim):
            await run_operations_agent(claim, kit, self.admin_dispatcher_factory)
            return
        supervisor = SupervisorAgent(claim.context, kit, await self.select_agents(claim))
        await supervisor.execute(RunInput(facts=RunFacts(ask=claim.ask)))

    async def _build_deps(
        self, claim: RunJob, emitter: UserWebSocketEmitter, session: AnalysisSession, stop: StopSignal
    ) -> AgentDeps:
        return AgentDeps(
            recorder=emitter,
            dispatcher_factory=self.dispatcher_factory,
            session=session,
            model_runner=self.model_runner,
            notice=self.model.notice,
            stop=stop,
            model_prices=self.model_prices,
            agent_order=tuple(name for name in AGENTS if name != TriageAgent.name),
            steps=await self.database.run(claim.context.user_id, load_recorded_steps, claim.context),
            on_deprecated_call=self.metrics.count_legacy_calls,
            database=self.database,
        )


@asynccontextmanager
async def running_services(environment: Environment, *, think: ModelRunner | None = None) -> AsyncIterator[Services]:
    """The process's parts, from the environment, for the time of the block. Tests may say how it thinks."""
    choice = read_model_choice(environment)
    doorbells, measures, sockets = StreamSubscriptions(), Metrics(), ConnectionRegistry()
    ringer = ChannelLayerNotifier(shared_layer() if environment.redis_url else None, doorbells)

    def told(written: Mapping[UUID, Batch]) -> None:
        doorbells.publish(written)
        ringer.notify(written)

    async with (
        running_database_threads(environment.database_threads) as database,
        analysis_threads(environment.analysis_threads) as executor,
        _open_model_runner(choice) as chosen,
        StreamWriter(told, measures) as writer,
        _background_coroutines(
            poll_streams(doorbells),
            supervise_connections(sockets),
            ringer.run(),
            anchor_periodically(environment.data_dir / ANCHOR_FILE_NAME),
        ),
        BackgroundTasks() as aftermath,
    ):
        # Before anybody is told anything: later the event loop would stand still for it.
        await asyncio.to_thread(load_languages)
        yield Services(
            subscriptions=doorbells,
            publish=told,
            connections=sockets,
            notifier=ringer,
            metrics=measures,
            bridge_factory=WebSocketBridgeFactory(writer),
            dispatcher_factory=ToolDispatcherFactory(
                catalog=TOOLS, admit=partial(admit_call, database=database), remote=choice.is_remote
            ),
            admin_dispatcher_factory=AdminToolDispatcherFactory(
                catalog=OPERATOR_TOOLS, data_dir=environment.data_dir, database=database, remote=choice.is_remote
            ),
            analysis_executor=executor,
            database=database,
            data_dir=environment.data_dir,
            process_limits=limits_from_settings(environment),
            model=choice,
            model_runner=think or chosen,
            select_agents=import_string(environment.roster),
            background_tasks=aftermath,
            # Reading the list takes a moment; without a remote model nothing is paid for.
            model_prices=None if choice.provider == OFFLINE else await asyncio.to_thread(ModelPrices),
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
async def _background_coroutines(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def _open_model_runner(choice: ModelChoice) -> AsyncIterator[ModelRunner]:
    if choice.provider == OFFLINE:
        yield follow_plan
        return
    # Here, as importing a model's library takes most of the start of a process that needs none.
    from agents.llm.loop import ModelLoop  # noqa: PLC0415
    from agents.llm.providers import open_remote_model  # noqa: PLC0415

    async with open_remote_model(choice) as remote:
        yield ModelLoop(model_factory=lambda plan: remote)
