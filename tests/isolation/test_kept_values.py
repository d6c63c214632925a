"""What is kept of one user's log for further runs is in no other user's answer."""

import json
from concurrent.futures import Executor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run, Step
from core.concurrency.background import analysis_threads
from core.events import get_run_id
from core.exceptions import IsolationViolation
from core.models import User
from tests.conftest import People
from tests.isolation.test_sessions import log_of
from tests.support.fakes import FakeRecorder, anything, context
from tests.support.running_worker import ask_about_log, await_run_events, environment, everything, working
from tools.admission import CallAdmission
from tools.base import Reuse, RunFacts
from tools.errors import ToolFailed, ToolRefused
from tools.models import CallResult
from tools.registry import TOOLS
from tools.results import ToolResult
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptValues
from workloads.log_record import LogRecord, find_log
from workloads.logs import delete_log
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)

QUERY = {"measures": ["spend"], "by": ["feature"]}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("describe_log", {}),
    ("measure", {"query": QUERY}),
    ("allocate_spend", {}),
    ("write_report", {}),
)


async def admit_all(requests: Any) -> list[CallAdmission | ToolRefused]:
    return [CallAdmission(rule="test") for _ in requests]


async def ask(
    user: User, log_id: Any, folder: Path, executor: Executor, kept: KeptValues, record: LogRecord | None
) -> tuple[str, bool]:
    """Return all that a user is told of a log, and whether anything of the log was read for it."""
    session = AnalysisSession(
        context(user.id),
        workload_id=log_id,
        assumptions=Assumptions(),
        executor=executor,
        data_dir=folder,
        temp=folder / "temp" / str(uuid4()),
        log=record,
        kept=kept,
    )
    factory = ToolDispatcherFactory(catalog=TOOLS, admit=anything, admit_together=admit_all)
    recorder = FakeRecorder()
    async with (
        session,
        factory.for_context(
            session._context,
            agent="analyst",
            tools=tuple(name for name, _ in CALLS),
            recorder=recorder,
            session=session,
            facts=RunFacts(ask="cut my spend"),
        ) as dispatcher,
    ):
        ended = await dispatcher.dispatch_all(CALLS)
        told = f"{ended} {recorder.events} {recorder.receipts}"
        assert all(isinstance(each, ToolResult) for each in ended) or isinstance(ended[0], ToolFailed)
        return told, session.is_open


async def test_nothing_that_is_kept_of_one_users_log_reaches_another(people: People, tmp_path: Path) -> None:
    """Both logs have the same name and size, and both users ask the same."""
    assert {TOOLS[name].reuse for name, _ in CALLS} == {Reuse.LOG, Reuse.QUESTION}
    kept, told = KeptValues(), dict[User, list[tuple[str, bool]]]()
    logs: dict[User, Workload] = {}
    for user in (people.owner, people.neighbour):
        logs[user] = await sync_to_async(log_of)(user, tmp_path, 20)
        await Workload.objects.filter(id=logs[user].id).aupdate(name="log.csv", size=1000)
    async with analysis_threads(2) as executor:
        for user in (people.owner, people.neighbour) * 2:
            record = await sync_to_async(find_log)(user.id, logs[user].id)
            told.setdefault(user, []).append(await ask(user, logs[user].id, tmp_path, executor, kept, record))
        for user, other in ((people.owner, people.neighbour), (people.neighbour, people.owner)):
            (_, first_read), (_, second_read) = told[user]
            assert (first_read, second_read) == (True, False)  # the second answer is the kept one
            for words, _ in told[user]:
                assert f"canary-{user.username}" in words
                assert f"canary-{other.username}" not in words
            # Who names another user's log gets none of it, kept or not.
            stolen, _ = await ask(user, logs[other].id, tmp_path, executor, kept, None)
            assert "canary" not in stolen
            record = await sync_to_async(find_log)(other.id, logs[other].id)
            with pytest.raises(IsolationViolation):
                await ask(user, logs[other].id, tmp_path, executor, kept, record)
    assert set(kept.list_logs()) == {(user.id, log.id) for user, log in logs.items()}


QUESTIONS = ("What did we spend by feature?", "cut my spend by 30 % without hurting p95 latency")


def list_told(run: Run) -> list[tuple[Any, ...]]:
    """All that a run told and recorded, without its ids and times."""
    told: list[tuple[Any, ...]] = []
    names: dict[str, int] = {}
    for event in everything(run.owner_id):
        if get_run_id(event) == run.id and event.type != "run_queued":
            fields = event.model_dump(mode="json", exclude={"at", "run_id", "thread_id", "message_id", "duration_ms"})
            for name in ("request_id", "parent_request_id", "call_id"):
                if fields.get(name):
                    fields[name] = names.setdefault(fields[name], len(names))
            told.append(("event", json.dumps(fields)))
    steps = Step.objects.for_user(run.owner_id).filter(run=run).order_by("id")
    results = CallResult.objects.for_user(run.owner_id).filter(run_id=run.id).order_by("id")
    told += [("step", step.agent, json.dumps(step.output), json.dumps(step.messages)) for step in steps]
    return told + [("result", result.tool, json.dumps(result.result), result.complete) for result in results]


async def test_a_run_of_kept_values_tells_the_same_as_the_first_one_and_nothing_of_others(
    people: People, tmp_path: Path
) -> None:
    users = (people.owner, people.neighbour)
    async with working(environment(tmp_path)) as (services, engine):
        logs = {user: await sync_to_async(log_of)(user, tmp_path, 20) for user in users}
        for question in QUESTIONS:
            told: dict[User, list[list[tuple[Any, ...]]]] = {user: [] for user in users}
            for user in users * 2:
                run = await sync_to_async(ask_about_log)(user, logs[user], question)
                engine.wake()
                await await_run_events(services, run)
                told[user].append(await sync_to_async(list_told)(run))
            for user, other in (users, users[::-1]):
                first, second = told[user]
                assert first == second, question
                assert f"canary-{user.username}" in str(second)
                assert f"canary-{other.username}" not in str(second)
        assert set(services.kept_values.list_logs()) == {(user.id, log.id) for user, log in logs.items()}
        assert services.kept_values.size > 0
        await sync_to_async(delete_log)(people.owner.id, logs[people.owner].id, tmp_path)
        await services.kept_values.forget_deleted_logs(services.database)
        assert services.kept_values.list_logs() == [(people.neighbour.id, logs[people.neighbour].id)]
