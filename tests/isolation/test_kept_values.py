"""What is kept of one user's log for further runs is in no other user's answer."""

import asyncio
from concurrent.futures import Executor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.background import analysis_threads
from core.exceptions import IsolationViolation
from core.models import User
from tests.conftest import People
from tests.isolation.test_sessions import log_of
from tests.support.fakes import FakeRecorder, anything, context
from tools.admission import CallAdmission
from tools.base import Reuse, RunFacts
from tools.dispatcher import ToolResult
from tools.errors import ToolFailed, ToolRefused
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptValues
from workloads.log_record import LogRecord, find_log
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
            record = await asyncio.to_thread(find_log, user.id, logs[user].id)
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
            record = await asyncio.to_thread(find_log, other.id, logs[other].id)
            with pytest.raises(IsolationViolation):
                await ask(user, logs[other].id, tmp_path, executor, kept, record)
    assert set(kept.list_logs()) == {(user.id, log.id) for user, log in logs.items()}
