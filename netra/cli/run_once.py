"""Questions asked from a terminal: the same runs, worker and stream as in a server, their events printed as lines."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async

from agents import runs
from agents.answers.answer import AnswerData
from agents.answers.report_answer import summarize_report
from agents.framework.registry import select_report_agents
from agents.models import Run, Step
from agents.run_queue import RunJob, StopSignal
from agents.team.analyst import AnalystAgent
from agents.team.intent import DEFAULT_ASK
from agents.team.reporting import ReportingAgent
from agents.team.triage import TriageAgent
from agents.worker import RunWorker
from core.context import ConnectionContext
from core.db import as_user
from core.events import (
    AgentCompleted,
    AgentError,
    get_run_id,
    is_terminal,
)
from core.exceptions import Conflict
from core.jobs.kinds import Pool
from core.jobs.runner import JobRunner, build_runner
from core.stream.append import Publish
from core.stream.batches import Position, Resync
from core.stream.read import get_head_position
from netra.cli.output import ProgressPrinter
from netra.config import Environment
from netra.services import Services, running_services
from realtime.delivery import follow_stream
from realtime.subscriptions import StreamSubscriptions
from workloads.report.tables import unpack_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class CliQuestions:
    """Questions from the command line, asked one after the other in one conversation about one log.

    The log's assumptions are kept with it. `report_only`: each question that the log can answer gets the report.
    """

    user_id: UUID
    workload_id: UUID
    asks: tuple[str, ...]
    report_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CliResult:
    """A run's result: `text` is the answer (Markdown) or, if not `ok`, the error; `hints` are options to try; `tables`
    are the report's as CSV, by name. `run_id` is None if it failed. `answer` is the JSON of docs/answers.md."""

    ok: bool
    text: str
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    run_id: UUID | None = None
    answer: AnswerData | None = None


async def answer_questions(
    environment: Environment, questions: CliQuestions, progress: ProgressPrinter
) -> tuple[CliResult, ...]:
    """Execute a run for each question in this process, and show their progress. The first that fails is the last."""
    results: list[CliResult] = []
    async with running_services(environment) as running:
        services = running
        if questions.report_only:
            services = replace(running, select_agents=partial(select_report_agents, running.select_agents))
        thread_id: UUID | None = None
        for ask in questions.asks:
            caller = ConnectionContext(
                user_id=questions.user_id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC)
            )
            before = await sync_to_async(get_head_position)(questions.user_id)
            queue = f"command-{uuid4()}"  # for this process, until it is lost
            run, _ = await sync_to_async(runs.start_run)(
                caller,
                question=ask.strip() or DEFAULT_ASK,
                workload_id=questions.workload_id,
                thread_id=thread_id,
                queue=queue,
                publish=services.publish,
            )
            last = await _execute_until_end(
                services, environment.run_seconds, caller, run, queue=queue, shown=(before, progress)
            )
            results.append(await sync_to_async(_build_result)(run, last))
            thread_id = run.thread_id
            if not results[-1].ok:
                break
    return tuple(results)


async def _execute_until_end(
    services: Services,
    run_seconds: float,
    caller: ConnectionContext,
    run: Run,
    *,
    queue: str,
    shown: tuple[Position, ProgressPrinter],
) -> AgentCompleted | AgentError:
    """Execute one run, whose job is in the `queue`, show its events after a position of the stream, and return its last
    event."""
    crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    execute = partial(_execute_run, services, crash)
    async with (
        RunWorker(execute, run_seconds=run_seconds, database=services.database, publish=services.publish) as worker,
        build_runner(
            (Pool(name="runs", kinds=(worker.build_kind(),), concurrency=1),), services.database, queue=queue
        ) as runner,
    ):
        with _cancel_on_interrupt(caller, run, runner, services.publish):
            before, progress = shown
            display = asyncio.create_task(_show_until_end(run, before, services.subscriptions, progress))
            futures: set[asyncio.Future[Any]] = {display, crash}
            await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            if not display.done():
                display.cancel()
                crash.result()
            return await display


async def _execute_run(services: Services, crash: "asyncio.Future[None]", job: RunJob, stop: StopSignal) -> None:
    """Execute the run, and end the command if that fails: a server would leave the run to the next worker."""
    try:
        await services.execute_run(job, stop)
    except Exception as error:
        if not crash.done():
            crash.set_exception(error)
            crash.exception()  # marked as retrieved: the run's end may have been stored all the same
        raise


async def _show_until_end(
    run: Run, position: Position, subscriptions: StreamSubscriptions, progress: ProgressPrinter
) -> AgentCompleted | AgentError:
    async for batch in follow_stream(run.owner_id, position, subscriptions):
        if isinstance(batch, Resync):
            continue
        for event in batch.events:
            if get_run_id(event) != run.id:
                continue
            progress.show(event)
            if is_terminal(event) and isinstance(event, AgentCompleted | AgentError):
                return event
    raise AssertionError("a stream is followed until its run ends")


@contextmanager
def _cancel_on_interrupt(caller: ConnectionContext, run: Run, runner: JobRunner, publish: Publish) -> Iterator[None]:
    """Cancel the run at Ctrl-C, as a user of the chat would; a second Ctrl-C kills the process."""
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[None]] = []  # a task without a reference may be garbage-collected

    async def cancel() -> None:
        try:
            await sync_to_async(runs.cancel_run)(caller, run.id, publish=publish)
        except Conflict:
            return  # it has just ended by itself
        runner.wake()

    def interrupt() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        tasks.append(asyncio.ensure_future(cancel()))

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _build_result(run: Run, last: AgentCompleted | AgentError) -> CliResult:
    if isinstance(last, AgentError):
        return CliResult(ok=False, text=last.message)
    with as_user(run.owner_id):
        outputs = dict(Step.objects.for_user(run.owner_id).filter(run=run).values_list("agent", "output"))
    reporting = outputs.get(ReportingAgent.name)
    report = reporting["report"] if reporting else None
    return CliResult(
        ok=ReportingAgent.name not in last.missing,
        text=last.answer or last.summary,
        missing=last.missing,
        hints=tuple(_list_hints(outputs.get(TriageAgent.name), report)),
        report=report,
        tables=unpack_tables(reporting.get("tables", "")) if reporting else {},
        run_id=run.id,
        answer=_get_answer(outputs),
    )


def _get_answer(outputs: Mapping[str, Any]) -> AnswerData | None:
    """Return the analyst's answer, or what the report says as one."""
    analyst = outputs.get(AnalystAgent.name)
    if analyst is not None:
        answer: AnswerData = analyst["answer"]
        return answer
    reporting, triage = outputs.get(ReportingAgent.name), outputs.get(TriageAgent.name)
    return summarize_report(reporting["report"], triage) if reporting and triage else None


def _list_hints(triage: Mapping[str, Any] | None, report: Mapping[str, Any] | None) -> Iterator[str]:
    if (
        triage
        and triage["sufficiency"] == "insufficient"
        and triage["kind"] == "cannot"
        and triage["category"] != "usage"
    ):
        yield (
            "If a model has no price: --price MODEL=IN/OUT, --model-name NAME=MODEL, --assume-model NAME, or "
            "--price-in X and --price-out Y for every request."
        )
    if report and report["source"]["guessed"]:
        yield "Columns were detected automatically. If one is wrong: --map FIELD=COLUMN."
