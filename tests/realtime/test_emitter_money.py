"""Settlements and spending that a run's emitter takes beside events: of its own run and user only."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from core.events import ToolCompleted, build_agent_fields
from core.exceptions import IsolationViolation
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.tools.settlements import receipt
from tools.spending.ledger import SpendEntry
from tools.spending.models import Spend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def bridge() -> AsyncIterator[WebSocketBridgeFactory]:
    async with StreamWriter(lambda written: None) as writer:
        yield WebSocketBridgeFactory(writer)


def cents(user_id: UUID, run_id: UUID) -> SpendEntry:
    return SpendEntry(user_id=user_id, run_id=run_id, kind="model", name="gpt-4o", cost=Decimal("0.01"))


async def test_spending_is_recorded_even_by_a_worker_that_lost_the_run(
    people: People, bridge: WebSocketBridgeFactory
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    for context in (mine, replace(mine, attempt=2)):
        emitter = bridge.for_context(context)
        await emitter.spend(cents(people.owner.id, mine.run_id))
        await emitter.close()
    assert await Spend.objects.filter(owner=people.owner, run_id=mine.run_id).acount() == 2


async def test_settlements_of_another_run_or_user_are_refused(people: People, bridge: WebSocketBridgeFactory) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    emitter = bridge.for_context(mine)
    with pytest.raises(IsolationViolation):
        await emitter.spend(cents(people.neighbour.id, mine.run_id))
    with pytest.raises(IsolationViolation):
        await emitter.spend(cents(people.owner.id, uuid4()))
    done = ToolCompleted(**build_agent_fields(mine, "data"), call_id="c", tool="t", outcome="ok", duration_ms=1)
    with pytest.raises(IsolationViolation):
        await emitter.settle(done, receipt(people.neighbour.id))
    await emitter.close()
    assert not await Spend.objects.aexists()
