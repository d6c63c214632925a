"""One question asked from a terminal: the same run, engine and stream as from anywhere else."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async

from agents import runs
from agents.ask import DEFAULT_ASK
from agents.engine import EmbeddedEngine
from agents.kit import StopSignal
from agents.leases import Claim
from agents.models import Run, Step
from agents.reporting import ReportingAgent
from agents.triage import TriageAgent
from netra.core.context import ConnectionContext
from netra.core.events import AgentCompleted, AgentError, ends_run, run_of
from netra.core.exceptions import Conflict
from netra.core.scope import as_user
from netra.core.stream import Position, Resync, head
from netra.environment import Environment
from netra.progress import Progress
from netra.wiring import House, open_house
from realtime.doorbell import Doorbells
from realtime.follow import follow
from workloads.prices import Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person asked for on the command line."""

    user_id: UUID
    workload_id: UUID
    ask: str
    assumptions: Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended. `text` is the answer (Markdown) or, where `ok` is False, what went wrong; `hints` what to type."""

    ok: bool
    text: str
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = None


async def answer(environment: Environment, question: Question, progress: Progress) -> Outcome:
    """Start the run, work on it in this process and show it as it goes."""
    caller = ConnectionContext(
        user_id=question.user_id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC)
    )
    async with open_house(environment) as house:
        before = await sync_to_async(head)(question.user_id)
        run = await sync_to_async(runs.start)(
            caller,
            text=question.ask.strip() or DEFAULT_ASK,
            workload_id=question.workload_id,
            assumptions=question.assumptions,
        )
        crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        execute = partial(_execute, house, crash)
        engine = EmbeddedEngine(execute, capacity=1, run_seconds=environment.run_seconds, only=run.id)
        async with engine:
            with _interrupts_cancel(caller, run, engine):
                watching = asyncio.create_task(_watch(run, before, house.doorbells, progress))
                either: set[asyncio.Future[Any]] = {watching, crash}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not watching.done():
                    watching.cancel()
                    crash.result()
                last = await watching
        return await sync_to_async(_outcome)(run, last)


async def _execute(house: House, crash: "asyncio.Future[None]", claim: Claim, stop: StopSignal) -> None:
    """A server would leave a run that cannot be told of to the next worker; a command has none and gives up."""
    try:
        await house.execute(claim, stop)
    except Exception as error:
        if not crash.done():
            crash.set_exception(error)
            crash.exception()  # seen: the run may have been told of all the same
        raise


async def _watch(run: Run, position: Position, doorbells: Doorbells, progress: Progress) -> AgentCompleted | AgentError:
    async for news in follow(run.owner_id, position, doorbells):
        if isinstance(news, Resync):
            continue
        for event in news.events:
            if run_of(event) != run.id:
                continue
            progress.show(event)
            if ends_run(event) and isinstance(event, AgentCompleted | AgentError):
                return event
    raise AssertionError("a stream is followed until its run ends")


@contextmanager
def _interrupts_cancel(caller: ConnectionContext, run: Run, engine: EmbeddedEngine) -> Iterator[None]:
    """Ctrl-C asks for the run's end, as a user of the chat would; a second Ctrl-C kills."""
    loop = asyncio.get_running_loop()
    asked: list[asyncio.Task[None]] = []

    async def cancel() -> None:
        try:
            await sync_to_async(runs.cancel)(caller, run.id)
        except Conflict:
            return  # it has just ended by itself
        engine.wake()

    def interrupt() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        asked.append(asyncio.ensure_future(cancel()))

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _outcome(run: Run, last: AgentCompleted | AgentError) -> Outcome:
    if isinstance(last, AgentError):
        return Outcome(ok=False, text=last.message)
    with as_user(run.owner_id):
        outputs = dict(Step.objects.for_user(run.owner_id).filter(run=run).values_list("agent", "output"))
    reported = outputs.get(ReportingAgent.name)
    report = reported["report"] if reported else None
    return Outcome(
        ok=ReportingAgent.name not in last.missing,
        text=last.answer or last.summary,
        missing=last.missing,
        hints=tuple(_hints(outputs.get(TriageAgent.name), report)),
        report=report,
    )


def _hints(triage: Mapping[str, Any] | None, report: Mapping[str, Any] | None) -> Iterator[str]:
    if triage and triage["sufficiency"] == "insufficient" and triage["category"] != "unrelated":
        yield "Where models have no price: --assume-model NAME, or --price-in X and --price-out Y."
    if report and report["source"]["guessed"]:
        yield "Columns were guessed; where one is wrong: --map FIELD=COLUMN."
