"""Whole runs with a scripted model at the other end of real HTTP."""

from pathlib import Path
from types import MappingProxyType

import pytest
from asgiref.sync import sync_to_async
from pydantic_ai import Agent

from agents.llm.config import ModelChoice
from agents.llm.providers import open_remote_model
from agents.models import Run
from core.events import AgentCompleted, AgentStarted
from core.i18n import language
from core.i18n.language import Language
from tests.conftest import People
from tests.core.i18n.pseudo_language import pseudo
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import Script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

AGENTS = ["supervisor", "triage", "data", "optimization", "actions", "reporting"]


async def test_a_streaming_model_plays_all_agents(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(scripted_models.diligent)
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert isinstance(told.last, AgentCompleted)
    assert told.last.outcome == "completed"
    assert [event.agent for event in told.events if isinstance(event, AgentStarted)] == AGENTS
    assert {"agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"} <= told.types
    assert told.models_words.count("That is what the tools say.") == 4
    assert "First, which levers are there?" in told.models_words
    assert all(request.body["stream"] for request in server.requests)


async def test_a_model_can_be_asked_without_streaming(serve: Serve) -> None:
    server = serve(scripted_models.diligent)
    choice = ModelChoice(provider="openai", name="scripted", base_url=server.base_url)
    async with open_remote_model(choice) as model:
        assert (await Agent(model).run("hello")).output == "That is what the tools say."
    assert not server.requests[0].body.get("stream")


@pytest.mark.parametrize(
    "script", [pytest.param(scripted_models.diligent, marks=pytest.mark.soak), scripted_models.idle]
)
async def test_however_little_the_model_does_the_report_is_the_offline_one(
    script: Script, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    offline, remote = await both(script, whole_runs.ASK, people, serve, run_services, give_log)
    assert remote.report == offline.report
    assert remote.last.model_dump(include=SAID) == offline.last.model_dump(include=SAID)


async def test_no_claim_of_a_model_gets_into_the_report(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    offline, remote = await both(scripted_models.boastful, "cut my spend", people, serve, run_services, give_log)
    assert remote.report == offline.report
    assert isinstance(remote.last, AgentCompleted)
    assert remote.last.model_dump(include=SAID) == offline.last.model_dump(include=SAID)
    assert remote.report is not None
    assert remote.report["combination"]["goal_percent"] is None
    # The model was heard: its claim is marked, and told apart from what Netra says.
    marked = scripted_models.CLAIM.replace(" %", " % (unverified)")
    assert any(marked in words for words in remote.models_words)
    assert not any(scripted_models.CLAIM in words for words in remote.models_words)
    for event in remote.events:
        if isinstance(event, AgentCompleted):
            assert scripted_models.CLAIM not in event.model_dump_json()
            assert marked not in event.model_dump_json()


SAID = {"outcome", "answer", "summary", "missing"}


async def both(
    script: Script, ask: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> tuple[whole_runs.ReceivedRun, whole_runs.ReceivedRun]:
    """The same question on the same log, without a language model and with one."""
    workload = await sync_to_async(give_log)(people.owner)
    async with run_services() as opened:
        offline = await whole_runs.ask(opened, people.owner, workload, ask)
    async with run_services(serve(script)) as opened:
        remote = await whole_runs.ask(opened, people.owner, workload, ask)
    assert offline.report is not None
    return offline, remote


async def test_a_model_is_asked_to_write_in_the_language_of_the_run(
    people: People,
    serve: Serve,
    run_services: OpenServices,
    give_log: GiveLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sync_to_async(pseudo)(tmp_path / "locale" / "de.po")
    spoken = {"en": language.ENGLISH, "de": Language("de", tmp_path / "locale" / "de.po")}
    monkeypatch.setattr(language, "LANGUAGES", MappingProxyType(spoken))
    server = serve(scripted_models.diligent)
    run = await whole_runs.start(people.owner, await sync_to_async(give_log)(people.owner))
    await Run.objects.filter(id=run.id).aupdate(locale="de")
    async with run_services(server) as opened, whole_runs.working(opened):
        told = await whole_runs.await_received_run(opened, run)
    assert isinstance(told.last, AgentCompleted)
    assert all("Write what you say to the user in German." in request.text for request in server.requests)
