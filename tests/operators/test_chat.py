"""Questions that begin with /ops: a worker runs them, and their events are in the operator's own stream."""

from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group

from accounts.roles import OPERATORS, set_up_roles
from agents.models import Run
from core.events import AgentCompleted, AgentError
from core.models import User
from tests.conftest import People
from tests.support.running_worker import ask_about_log, await_run_events, environment, everything, working
from tools.audit.models import AuditRow

pytestmark = pytest.mark.django_db(transaction=True)


def operator() -> User:
    set_up_roles()
    olga = User.objects.create(username="olga", is_staff=True)
    olga.groups.add(Group.objects.get(name=OPERATORS))
    return olga


async def test_an_operator_asks_and_is_answered(people: People, tmp_path: Path) -> None:
    olga = await sync_to_async(operator)()
    async with working(environment(tmp_path)) as (services, engine):
        theirs = await sync_to_async(ask_about_log)(people.owner, None, text="what can you do?")
        engine.wake()
        await await_run_events(services, theirs)
        run = await sync_to_async(ask_about_log)(olga, None, text="/ops runs of owner")
        engine.wake()
        events = await await_run_events(services, run)
    last = events[-1]
    assert isinstance(last, AgentCompleted)
    assert str(theirs.id) in (last.answer or "")
    assert "what can you do" not in "".join(event.model_dump_json() for event in events)
    mine = await sync_to_async(everything)(people.owner.id)
    assert all("olga" not in event.model_dump_json() for event in mine)
    assert await AuditRow.objects.filter(tool="inspect_runs", outcome="ok").acount() == 1


async def test_a_user_is_refused_in_the_chat_and_audited(people: People, tmp_path: Path) -> None:
    await sync_to_async(set_up_roles)()
    async with working(environment(tmp_path)) as (services, engine):
        run = await sync_to_async(ask_about_log)(people.neighbour, None, text="/ops runs of owner")
        engine.wake()
        events = await await_run_events(services, run)
    last = events[-1]
    assert isinstance(last, AgentError)
    assert last.code == "permission_denied"
    assert (await Run.objects.aget(pk=run.pk)).state == "failed"
    assert await AuditRow.objects.filter(tool="operations", outcome="refused").acount() == 1
