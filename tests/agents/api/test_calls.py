import csv
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from agents.models import REPORTING_AGENT, Run, Step
from core.events import ToolCompleted
from core.models import User
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest
from tests.support.running_worker import ask_about_log, await_run_events, environment, log_file, place_log, working
from tools.models import CallResult

pytestmark = pytest.mark.django_db(transaction=True)


def create_call_result(user: User, call_id: str = "c", *, complete: bool = True) -> CallResult:
    fields = {"run_id": queue_run(user).id, "request_id": uuid4(), "call_id": call_id, "tool": "t", "result": ["all"]}
    return CallResult.objects.create(owner=user, complete=complete, **fields)


def start_log_run(user: User, tmp_path: Path) -> Run:
    return ask_about_log(user, place_log(user, log_file(tmp_path / "logs", feature="mine"), tmp_path))


async def test_a_previewed_result_is_returned_in_full(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(start_log_run)(people.owner, tmp_path)
    async with working(environment(tmp_path)) as (services, engine):
        engine.wake()
        told = await await_run_events(services, run)
    calls = [event for event in told if isinstance(event, ToolCompleted)]
    cut = [event for event in calls if event.truncated]
    assert "write_report" in {event.tool for event in cut}
    mine = rest(people.owner)
    for event in cut:
        answer = await sync_to_async(mine.get)(
            f"/api/runs/{run.id}/calls/{event.call_id}/?request_id={event.request_id}"
        )
        assert answer.status_code == 200
        assert {name: answer.json()[name] for name in ("call_id", "tool", "complete")} == {
            "call_id": event.call_id,
            "tool": event.tool,
            "complete": True,
        }
        assert len(str(answer.json()["result"])) > len(str(event.result))
    assert await CallResult.objects.acount() == len(cut) < len(calls)
    report = next(event for event in cut if event.tool == "write_report")
    whole = (await sync_to_async(mine.get)(f"/api/runs/{run.id}/calls/{report.call_id}/")).json()["result"]
    assert whole["levers"]


async def test_tables_and_the_focus_export_are_downloads(people: People, tmp_path: Path, settings: Settings) -> None:
    settings.NETRA = environment(tmp_path)
    run = await sync_to_async(start_log_run)(people.owner, tmp_path)
    async with working(environment(tmp_path)) as (services, engine):
        engine.wake()
        await await_run_events(services, run)
    get = sync_to_async(rest(people.owner).get)
    report = (await get(f"/api/runs/{run.id}/report/")).json()
    day = f"{run.created_at:%Y-%m-%d}"
    table = await get(f"/api/runs/{run.id}/report/spend-by-feature.csv")
    assert table["Content-Disposition"] == f'attachment; filename="usage_{day}_spend-by-feature.csv"'
    assert table.content.decode().splitlines()[1].startswith("mine,")
    focus = await get(f"/api/runs/{run.id}/report/focus.csv")
    assert focus["Content-Disposition"] == f'attachment; filename="usage_{day}_focus-1.3.csv"'
    costs = [Decimal(row["BilledCost"]) for row in csv.DictReader(focus.content.decode().splitlines())]
    assert float(sum(costs)) == report["spend"]["total"] > 0
    assert not await sync_to_async(lambda: list((tmp_path / "scratch").glob(f"{run.id}-*")))()
    for name in ("spend-by-moon.csv", "spend-by-feature", "..csv"):
        assert is_refused(await get(f"/api/runs/{run.id}/report/{name}"), 404, "not_found")
    other = sync_to_async(rest(people.neighbour).get)
    for name in ("spend-by-feature.csv", "focus.csv"):
        assert is_refused(await other(f"/api/runs/{run.id}/report/{name}"), 404, "not_found")


async def test_a_focus_export_that_would_not_be_the_reports_is_refused(
    people: People, tmp_path: Path, settings: Settings
) -> None:
    settings.NETRA = environment(tmp_path)
    run = await sync_to_async(start_log_run)(people.owner, tmp_path)
    async with working(environment(tmp_path)) as (services, engine):
        engine.wake()
        await await_run_events(services, run)
    step = await Step.objects.aget(run_id=run.id, agent=REPORTING_AGENT)
    step.output["report"]["spend"]["total"] += 1
    await step.asave()
    answer = await sync_to_async(rest(people.owner).get)(f"/api/runs/{run.id}/report/focus.csv")
    assert is_refused(answer, 409, "conflict")


@pytest.mark.parametrize("call_id", ["call_1", "a/b", "ä b?#", "..", "x" * 1_000])
def test_any_call_id_is_accepted(people: People, call_id: str) -> None:
    row = create_call_result(people.owner, call_id)
    answer = rest(people.owner).get(f"/api/runs/{row.run_id}/calls/{quote(call_id, safe='')}/")
    assert answer.json() == {"call_id": call_id, "tool": "t", "complete": True, "result": ["all"]}


def test_a_result_that_was_too_long_is_reported(people: People) -> None:
    row = create_call_result(people.owner, complete=False)
    assert rest(people.owner).get(f"/api/runs/{row.run_id}/calls/c/").json()["complete"] is False


def test_a_missing_or_foreign_call_is_not_found(people: People) -> None:
    row = create_call_result(people.owner)
    for user, address in (
        (people.neighbour, f"{row.run_id}/calls/c/"),
        (people.owner, f"{row.run_id}/calls/d/"),
        (people.owner, f"{uuid4()}/calls/c/"),
        (people.owner, f"{row.run_id}/calls/c/?request_id={uuid4()}"),
    ):
        assert is_refused(rest(user).get(f"/api/runs/{address}"), 404, "not_found")
    assert is_refused(rest(people.owner).get(f"/api/runs/{row.run_id}/calls/c/?request_id=1"), 400, "bad_input")
