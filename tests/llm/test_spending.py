"""The cost of requests to a language model is recorded with the run and limited by budgets, over real HTTP."""

import pytest
from asgiref.sync import sync_to_async

from core.events import BudgetWarning
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import scripted_models, whole_runs
from tests.tools.spending.spend_rows import budget, spend
from tools.spending.ledger import load_run_costs
from tools.spending.models import Spend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


async def test_each_request_is_recorded_and_an_unknown_price_is_not_zero(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(scripted_models.diligent)
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    cost = (await sync_to_async(load_run_costs)(people.owner.id, [told.run.id]))[told.run.id]
    assert cost.unknown == len(server.requests) > 0
    assert cost.to_json()["usd"] is None
    assert not await Spend.objects.exclude(owner=people.owner).aexists()


async def test_a_model_is_not_asked_once_a_budget_is_spent(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    await sync_to_async(budget)("1", user=people.owner)
    await sync_to_async(spend)(people.owner.id, "1")
    server = serve(scripted_models.diligent)
    async with run_services(server) as opened:
        mine = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
        assert not server.requests
        assert "budget_exhausted" in {error.code for error in mine.errors_of("triage")}
        theirs = await whole_runs.ask(opened, people.neighbour, await sync_to_async(give_log)(people.neighbour))
    assert theirs.last.type == "agent_completed"
    assert server.requests


async def test_a_nearly_spent_budget_is_told_once_a_run(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    await sync_to_async(budget)("1", name="Team", user=people.owner)
    await sync_to_async(spend)(people.owner.id, "0.85")
    async with run_services(serve(scripted_models.diligent)) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    (warning,) = [event for event in told.events if isinstance(event, BudgetWarning)]
    assert (warning.budget, warning.spent, warning.limit) == ("Team", "0.85", "1.00")
