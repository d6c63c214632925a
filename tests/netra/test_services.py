"""Whole runs through the services over the test's database: interrupted, cancelled, past their deadline."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents import runs
from agents.llm.loop import ModelLoop
from agents.llm.turns import OfflinePlan
from agents.models import Run, RunState, Step
from core.events import AgentCompleted, AgentError, Event, is_terminal
from core.models import User
from core.stream.append import publish_to_nobody
from netra.services import running_services
from tests.agents.claimed_runs import begin_claimed, connection
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers
from tests.support.llm.plan_models import build_plan_model
from tests.support.patience import PATIENCE
from tests.support.runners import running_runs
from tests.support.running_worker import (
    ask_about_log,
    await_run_events,
    environment,
    everything,
    log_file,
    place_log,
    working,
)

pytestmark = pytest.mark.django_db(transaction=True)


def start(user: User, tmp_path: Path, **options: Any) -> Run:
    return ask_about_log(user, place_log(user, log_file(tmp_path / "logs", feature="x"), tmp_path), **options)


def hanging_at(tool: str, reached: asyncio.Event) -> ModelLoop:
    """Models that follow their plan, but never answer once a tool is on offer."""

    def model_for(plan: OfflinePlan) -> Model:
        follower = build_plan_model(plan)

        async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            if any(each.name == tool for each in info.function_tools):
                reached.set()
                await asyncio.sleep(60)
            assert follower.function is not None
            return await follower.function(messages, info)  # type: ignore[no-any-return, misc]

        return FunctionModel(answer)

    return ModelLoop(model_factory=model_for, streaming=False)


def list_started_agents(events: list[Event] | tuple[Event, ...], attempt: int) -> list[str]:
    return [each.agent for each in events if each.type == "agent_started" and each.attempt == attempt]


async def test_a_stopped_process_is_followed_by_another_at_the_last_recorded_step(
    people: People, tmp_path: Path
) -> None:
    run, reached = await sync_to_async(start)(people.owner, tmp_path), asyncio.Event()
    async with working(environment(tmp_path), model_runner=hanging_at("combine_levers", reached)):
        await asyncio.wait_for(reached.wait(), PATIENCE)
    assert (await Run.objects.aget()).state == RunState.QUEUED
    assert {step async for step in Step.objects.values_list("agent", flat=True)} == {"triage", "data"}

    async with working(environment(tmp_path)) as (services, _):
        events = await await_run_events(services, run)
    assert list_started_agents(events, 1) == ["supervisor", "triage", "data", "optimization"]
    assert list_started_agents(events, 2) == ["supervisor", "optimization", "actions", "reporting"]
    assert isinstance(events[-1], AgentCompleted)
    assert sum(is_terminal(event) for event in events) == 1


async def test_a_cancel_in_mid_run_ends_in_one_terminal_event(people: People, tmp_path: Path) -> None:
    run, reached = await sync_to_async(start)(people.owner, tmp_path), asyncio.Event()
    async with working(environment(tmp_path), model_runner=hanging_at("profile_workload", reached)) as (
        services,
        engine,
    ):
        await asyncio.wait_for(reached.wait(), PATIENCE)
        await sync_to_async(runs.cancel_run)(connection(people.owner), run.id, publish=publish_to_nobody)
        engine.wake()
        events = await await_run_events(services, run)
    errors = [(event.agent, event.code) for event in events if isinstance(event, AgentError)]
    assert errors == [("data", "cancelled"), ("supervisor", "cancelled")]
    assert sum(is_terminal(event) for event in events) == 1
    assert (await Run.objects.aget()).state == RunState.CANCELLED


@pytest.mark.long
async def test_a_run_past_its_deadline_fails_and_says_so(people: People, tmp_path: Path) -> None:
    run, reached = await sync_to_async(start)(people.owner, tmp_path), asyncio.Event()
    async with (
        running_services(environment(tmp_path), model_runner=hanging_at("profile_workload", reached)) as services,
        running_runs(services.execute_run, capacity=1, run_seconds=6),
    ):
        events = await await_run_events(services, run)
    errors = [(event.agent, event.code) for event in events if isinstance(event, AgentError)]
    assert errors == [("data", "deadline"), ("supervisor", "deadline")]


async def test_a_run_without_a_log_gets_guidance(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(ask_about_log)(people.owner, None)
    async with working(environment(tmp_path)) as (services, _):
        last = (await await_run_events(services, run))[-1]
    assert isinstance(last, AgentCompleted)
    assert "Upload a log" in (last.answer or "")


async def test_a_run_whose_worker_died_is_taken_over(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(start)(people.owner, tmp_path)
    await sync_to_async(begin_claimed)(run.id)
    await sync_to_async(lose_workers)()
    async with working(environment(tmp_path)) as (services, _):
        events = await asyncio.wait_for(await_run_events(services, run), PATIENCE)
    assert isinstance(events[-1], AgentCompleted)
    assert events[-1].attempt == 2
    assert len(await sync_to_async(everything)(people.owner.id)) == len(events)
