"""The services that one process shares among its requests, sockets and runs, wired for a server or a command."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from channels.layers import get_channel_layer

from agents.framework.background import BackgroundTasks
from agents.framework.deps import AgentDeps, AgentFailed, RunInput
from agents.framework.registry import AGENTS, AgentSelector, list_tools, load_agent_selector
from agents.language.questions import QuestionReader
from agents.llm.config import OFFLINE, ModelChoice, build_notice, read_model_choice
from agents.llm.metering import ModelPrices
from agents.llm.offline import follow_plan, run_off_loop
from agents.llm.turns import ModelRunner, TurnLimits, build_answer_limits, build_turn_limits
from agents.run_queue import RunJob, StopSignal
from agents.team.question_limits import parse_limits
from agents.team.supervisor import SupervisorAgent
from agents.team.triage import TriageAgent
from core.concurrency.background import analysis_threads, background_coroutines
from core.concurrency.database_threads import DatabaseExecutor, running_database_threads
from core.exceptions import RunLost
from core.i18n.language import load_languages
from core.stream.append import Publish
from netra.config import Environment
from netra.databases import HANDSHAKE_THREADS
from operators.agent import is_operations_run, run_operations_agent
from operators.dispatcher import AdminToolDispatcherFactory
from operators.registry import OPERATOR_TOOLS
from realtime.broadcast import ChannelLayerNotifier, Publisher
from realtime.connections import ConnectionRegistry, supervise_connections
from realtime.emitter import UserWebSocketEmitter, WebSocketBridgeFactory
from realtime.metrics import Metrics
from realtime.subscriptions import StreamSubscriptions, poll_streams
from realtime.writer.stream_writer import StreamWriter
from tools.admission import admit_call, admit_together
from tools.base import RunFacts
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession
from workloads.child_process import ProcessLimits, limits_from_settings
from workloads.files.upkeep import keeping_machine_tidy
from workloads.kept_values import KeptValues
from workloads.pricing.price_file import read_price_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a process shares among all its runs: configuration, threads and connections. Of users' data only the
    kept values, which are reached by owner and log."""

    subscriptions: StreamSubscriptions
    publish: Publish
    connections: ConnectionRegistry
    notifier: ChannelLayerNotifier
    metrics: Metrics
    bridge_factory: WebSocketBridgeFactory
    dispatcher_factory: ToolDispatcherFactory
    admin_dispatcher_factory: AdminToolDispatcherFactory
    analysis_executor: Executor
    database: DatabaseExecutor
    handshake_database: DatabaseExecutor
    data_dir: Path
    process_limits: ProcessLimits
    price_file: Path | None
    model: ModelChoice
    model_runner: ModelRunner
    model_prices: ModelPrices | None
    answer_limits: TurnLimits | None
    turn_limits: TurnLimits
    select_agents: AgentSelector
    question_reader: QuestionReader
    background_tasks: BackgroundTasks
    kept_values: KeptValues

    async def execute_run(self, job: RunJob, stop: StopSignal) -> None:
        """Make one attempt at a run. Returns once its terminal event is stored, or silently if the run was lost."""
        emitter = self.bridge_factory.for_context(job.context)
        temp = self.data_dir / "scratch" / f"{job.context.run_id}-{job.context.attempt}"
        limits = await run_off_loop(job.ask, lambda: parse_limits(job.ask))
        session = AnalysisSession(
            job.context,
            workload_id=job.workload_id,
            assumptions=replace(job.assumptions, constraints=limits),
            executor=self.analysis_executor,
            data_dir=self.data_dir,
            temp=temp,
            limits=self.process_limits,
            price_file=self.price_file,
            database=self.database,
            log=job.history.log,
            kept=self.kept_values,
        )
        started_at, outcome = time.monotonic(), "given_back"
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(session)
                deps = self._build_deps(job, emitter, session, stop)
                outcome = await self._run_to_outcome(job, deps)
                if outcome != "lost" and self.background_tasks.has_room_for(deps.deferred_work):
                    # The session stays open for the deferred work.
                    self.background_tasks.start(deps.deferred_work, stack.pop_all())
        finally:
            self.metrics.record_run_end(stop.reason or outcome, time.monotonic() - started_at)
            await emitter.close()

    async def _run_to_outcome(self, job: RunJob, deps: AgentDeps) -> str:
        """Run the agents, and return the outcome as the metrics name it."""
        try:
            await self._run_agents(job, deps)
        except AgentFailed:
            return "failed"  # the error is in the stream
        except RunLost:
            return "lost"  # another worker reports its end
        return "completed"

    async def _run_agents(self, job: RunJob, deps: AgentDeps) -> None:
        if is_operations_run(job):
            await run_operations_agent(job, deps, self.admin_dispatcher_factory)
            return
        agents = await self.select_agents(job)
        notice = build_notice(self.model, list_tools(agents.values(), self.dispatcher_factory.catalog))
        supervisor = SupervisorAgent(job.context, replace(deps, notice=notice), agents)
        await supervisor.execute(RunInput(facts=RunFacts(ask=job.ask)))

    def _build_deps(
        self, job: RunJob, emitter: UserWebSocketEmitter, session: AnalysisSession, stop: StopSignal
    ) -> AgentDeps:
        return AgentDeps(
            recorder=emitter,
            dispatcher_factory=self.dispatcher_factory,
            session=session,
            model_runner=self.model_runner,
            notice=None,
            stop=stop,
            model_prices=self.model_prices,
            agent_order=tuple(name for name in AGENTS if name != TriageAgent.name),
            steps=job.history.steps,
            on_deprecated_call=self.metrics.count_legacy_calls,
            answer_limits=self.answer_limits,
            turn_limits=self.turn_limits,
            model_name=self.model.name,
            on_unbacked_figures=self.metrics.count_unbacked_figures,
            database=self.database,
            question_reader=self.question_reader,
            earlier=job.history.earlier,
            other_logs=job.history.other_logs,
            time_zone=job.time_zone,
        )


@asynccontextmanager
async def running_services(
    environment: Environment, *, model_runner: ModelRunner | None = None
) -> AsyncIterator[Services]:
    """Run the process's services within the block, as the environment says; tests may replace the model's runner."""
    choice, question_reader = read_model_choice(environment), QuestionReader()
    await asyncio.to_thread(_load_early, environment.price_file, question_reader)
    subscriptions, metrics, connections = StreamSubscriptions(), Metrics(), ConnectionRegistry()
    notifier = ChannelLayerNotifier(get_channel_layer() if environment.redis_url else None, subscriptions)
    publish, kept_values = Publisher(subscriptions, notifier).publish, KeptValues()
    async with (
        running_database_threads(environment.database_threads) as database,
        running_database_threads(HANDSHAKE_THREADS, name="handshake") as handshake_database,
        analysis_threads(environment.analysis_threads) as executor,
        _open_model_runner(choice) as default_runner,
        StreamWriter(publish, metrics) as writer,
        background_coroutines(
            poll_streams(subscriptions),
            supervise_connections(connections),
            notifier.run(),
            kept_values.run(database),
        ),
        keeping_machine_tidy(environment.data_dir),
        BackgroundTasks() as background_tasks,
    ):
        yield Services(
            subscriptions=subscriptions,
            publish=publish,
            connections=connections,
            notifier=notifier,
            metrics=metrics,
            bridge_factory=WebSocketBridgeFactory(writer),
            dispatcher_factory=ToolDispatcherFactory(
                catalog=TOOLS,
                admit=partial(admit_call, database=database),
                admit_together=partial(admit_together, database=database),
                remote=choice.is_remote,
                database=database,
            ),
            admin_dispatcher_factory=AdminToolDispatcherFactory(
                catalog=OPERATOR_TOOLS,
                data_dir=environment.data_dir,
                database=database,
                remote=choice.is_remote,
                publish=publish,
            ),
            analysis_executor=executor,
            database=database,
            handshake_database=handshake_database,
            data_dir=environment.data_dir,
            process_limits=limits_from_settings(environment),
            price_file=environment.price_file,
            model=choice,
            model_runner=model_runner or default_runner,
            select_agents=load_agent_selector(environment.roster),
            question_reader=question_reader,
            background_tasks=background_tasks,
            kept_values=kept_values,
            answer_limits=build_answer_limits(environment.model_patience_seconds) if choice.is_remote else None,
            turn_limits=build_turn_limits(environment.model_patience_seconds),
            # Reading the price list takes a moment; without a remote model it is not needed.
            model_prices=None if choice.provider == OFFLINE else await asyncio.to_thread(ModelPrices),
        )


def _load_early(price_file: Path | None, question_reader: QuestionReader) -> None:
    """Load what the first question would otherwise wait for, or fail by: a broken price file is said now."""
    if price_file is not None:
        read_price_file(price_file)
    load_languages()  # the first text in a language would block the event loop
    question_reader.load()


@asynccontextmanager
async def _open_model_runner(choice: ModelChoice) -> AsyncIterator[ModelRunner]:
    if choice.provider == OFFLINE:
        yield follow_plan
        return
    # Imported here: a model's library takes longest to import, and a process without a remote model needs none.
    from agents.llm.loop import ModelLoop  # noqa: PLC0415
    from agents.llm.providers import open_remote_model  # noqa: PLC0415

    async with open_remote_model(choice) as remote:
        yield ModelLoop(model_factory=lambda plan: remote)
