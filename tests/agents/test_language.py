"""A whole run in another language: what it tells, its report and its answer; and one that is taken up again."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from agents import run_queue, runs
from agents.models import Run, RunState, Step
from agents.run_jobs import RUN
from core.db import as_all_users
from core.events import AgentCompleted, Event
from core.i18n import language
from core.i18n.language import Language
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.core.i18n.pseudo_language import CLOSE, OPEN, pseudo
from tests.support.claimed_jobs import claim_job
from tests.support.patience import PATIENCE
from tests.support.running_worker import await_run_events, environment, log_file, place_log, working
from tests.workloads.report.test_translations import strip_translated
from workloads.models import Workload

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "cut my spend by 30 % without hurting p95"
SAID = ("title", "thought", "summary", "message", "error")


@pytest.fixture(autouse=True)
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A language of the tag "de": all that is said stands between marks."""
    path = tmp_path / "locale" / "de.po"
    pseudo(path)
    spoken = Language("de", path)
    monkeypatch.setattr(language, "LANGUAGES", MappingProxyType({"en": language.ENGLISH, "de": spoken}))
    return spoken


def a_log(people: People, tmp_path: Path) -> Workload:
    return place_log(people.owner, log_file(tmp_path / "f", feature="x"), tmp_path)


def start_german_run(people: People, workload: Workload | None, text: str = ASK) -> Run:
    caller = replace(connection(people.owner), locale="de")
    return runs.start_run(
        caller, question=text, workload_id=workload.id if workload else None, publish=publish_to_nobody
    )[0]


def english(events: list[Event]) -> Iterator[str]:
    """Words of ours that were not said in the language."""
    for event in events:
        for name in SAID if event.type != "run_queued" else ():
            yield from re.findall(r"[A-Za-z]{2,}", strip_translated(getattr(event, name, None) or ""))


def message(run: Run) -> str:
    run.refresh_from_db()
    return str((run.ending or {})["message"])


async def collect_run_events(people: People, tmp_path: Path, run: Run) -> list[Event]:
    async with working(environment(tmp_path)) as (services, _):
        return await await_run_events(services, run)


async def test_a_whole_run_uses_the_users_language(people: People, tmp_path: Path) -> None:
    log = await sync_to_async(a_log)(people, tmp_path)
    run = await sync_to_async(start_german_run)(people, log)
    events = await collect_run_events(people, tmp_path, run)
    assert set(english(events)) == set()
    last = events[-1]
    assert isinstance(last, AgentCompleted)
    assert last.answer is not None
    assert last.answer.startswith(f"# {OPEN}LLM cost report: `usage.csv`{CLOSE}")
    results = [getattr(event, "result", None) for event in events]
    assert f"'title': '{OPEN}" in str(results)
    report = (await Step.objects.aget(run=run, agent="reporting")).output["report"]
    assert [strip_translated(lever["title"]) for lever in report["levers"]] == [""] * len(report["levers"])
    assert report["levers"][0]["basis"] in ("observed", "modelled", "unknown")


async def test_a_resumed_run_keeps_its_language(people: People, tmp_path: Path) -> None:
    log = await sync_to_async(a_log)(people, tmp_path)
    run = await sync_to_async(start_german_run)(people, log)
    before = (await collect_run_events(people, tmp_path, run))[-1]
    await Step.objects.filter(run=run, agent__in=("reporting", "supervisor")).adelete()
    await Run.objects.filter(id=run.id).aupdate(state=RunState.QUEUED, ended_at=None, ending=None)
    await sync_to_async(run_queue.recover_runs)(publish=publish_to_nobody)
    async with working(environment(tmp_path)):
        await _over(run)
    again = await Run.objects.aget(id=run.id)
    assert (again.attempt, again.state) == (2, RunState.COMPLETED)
    assert isinstance(before, AgentCompleted)
    assert again.ending is not None
    assert (again.ending["answer"], again.ending["summary"]) == (before.answer, before.summary)


async def test_a_steps_output_is_translatable(people: People, tmp_path: Path) -> None:
    log = await sync_to_async(a_log)(people, tmp_path)
    run = await sync_to_async(start_german_run)(people, log)
    await collect_run_events(people, tmp_path, run)
    output: dict[str, Any] = (await Step.objects.aget(run=run, agent="triage")).output
    assert OPEN not in str(output)
    assert all("text" in tells for tells in output["missing"].values())
    estimates = (await Step.objects.aget(run=run, agent="optimization")).output["estimates"]
    assert estimates[0]["title"] == {"text": "Reduce failed calls and retries"}


async def test_an_answer_is_translated(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(start_german_run)(people, None, "what is the capital of France?")
    last = (await collect_run_events(people, tmp_path, run))[-1]
    assert isinstance(last, AgentCompleted)
    assert last.answer is not None
    assert last.answer.startswith(f"{OPEN}That's not something a usage log can tell.")


async def test_a_failure_is_translated(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(start_german_run)(people, None)
    events = await collect_run_events(people, tmp_path, run)
    assert set(english(events)) == set()
    assert f"{OPEN}No log is selected. Upload a log first.{CLOSE}" in str(getattr(events[-1], "answer", None))


@pytest.mark.parametrize("by_operator", [False, True])
def test_the_end_of_a_queued_run_is_translated(people: People, by_operator: bool) -> None:
    run = runs.cancel_run(
        connection(people.owner), start_german_run(people, None).id, by_operator=by_operator, publish=publish_to_nobody
    )
    assert strip_translated(message(run)) == ""


def test_the_end_of_a_lost_run_is_translated(people: People) -> None:
    run = start_german_run(people, None)
    claimed = claim_job(RUN, run.id)
    assert run_queue.begin_run(claimed.job, run_seconds=60, publish=publish_to_nobody) is not None
    with as_all_users(), transaction.atomic():
        run_queue.give_up_run(claimed.job, "overtime", publish=publish_to_nobody)
    assert message(run).startswith(f"{OPEN}The run exceeded its time limit")


async def _over(run: Run) -> None:
    async with asyncio.timeout(PATIENCE):
        while await Run.objects.filter(id=run.id, ended_at=None).aexists():
            await asyncio.sleep(0.05)
