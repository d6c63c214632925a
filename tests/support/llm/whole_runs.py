"""Whole runs: asked, worked on by the engine, read back from the user's stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async

from agents.models import Run, Step
from core.events import AgentCompleted, AgentError, AgentThinking, Event, is_terminal
from core.jobs.runner import JobRunner
from core.models import User
from netra.services import Services
from tests.support import running_worker
from tests.support.patience import PATIENCE
from tests.support.runners import running_runs
from workloads.models import Workload

ASK = "cut my spend by 30 % without hurting p95"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRun:
    """All that a user was told of one run."""

    run: Run
    events: list[Event]
    report: dict[str, Any] | None
    answer: dict[str, Any] | None = None  # the analyst's, as docs/answers.md says

    @property
    def last(self) -> AgentCompleted | AgentError:
        (last,) = [event for event in self.events if is_terminal(event)]
        assert self.events[-1] is last
        assert isinstance(last, AgentCompleted | AgentError)
        return last

    @property
    def types(self) -> set[str]:
        return {event.type for event in self.events}

    @property
    def models_words(self) -> list[str]:
        return [each.thought for each in self.events if isinstance(each, AgentThinking) and each.source == "model"]

    @property
    def text(self) -> str:
        return as_text(self.events)

    def errors_of(self, agent: str) -> list[AgentError]:
        return [event for event in self.events if isinstance(event, AgentError) and event.agent == agent]


def as_text(events: list[Event]) -> str:
    return "\n".join(event.model_dump_json() for event in events)


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[JobRunner]:
    async with running_runs(services.execute_run) as engine:
        yield engine


async def ask(services: Services, user: User, workload: Workload, text: str = ASK, **options: Any) -> ReceivedRun:
    """One question to its end; `options` are those of agents.runs.start_run, such as the thread."""
    run = await start(user, workload, text, **options)
    async with working(services):
        return await await_received_run(services, run)


async def start(user: User, workload: Workload, text: str = ASK, **options: Any) -> Run:
    return await sync_to_async(running_worker.ask_about_log)(user, workload, text, **options)


async def await_received_run(services: Services, run: Run, seconds: float = PATIENCE) -> ReceivedRun:
    async with asyncio.timeout(seconds):
        events = await running_worker.await_run_events(services, run)
    steps = {step.agent: step async for step in Step.objects.filter(run=run)}
    return ReceivedRun(
        run=await Run.objects.aget(id=run.id),
        events=events,
        report=steps["reporting"].output["report"] if "reporting" in steps else None,
        answer=steps["analyst"].output["answer"] if "analyst" in steps else None,
    )


async def whole_stream(user: User) -> str:
    """All that a user was ever told."""
    return as_text(list(await sync_to_async(running_worker.everything)(user.id)))
