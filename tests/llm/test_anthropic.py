"""The same services with a model that speaks the Anthropic messages format."""

import pytest
from asgiref.sync import sync_to_async

from agents.llm import config
from core.events import AgentCompleted
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import Refusal, Script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


async def run(
    script: Script,
    people: People,
    serve: Serve,
    run_services: OpenServices,
    give_log: GiveLog,
    monkeypatch: pytest.MonkeyPatch,
) -> whole_runs.ReceivedRun:
    server = serve(script)
    monkeypatch.setattr(config, "SERVER_URLS", {"anthropic": server.base_url.removesuffix("/v1")})
    async with run_services(model="anthropic:scripted", model_api_key="the-key") as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert any("the-key" in value for value in server.requests[0].headers.values())
    return told


async def test_a_streaming_model_plays_all_agents(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await run(scripted_models.diligent, people, serve, run_services, give_log, monkeypatch)
    assert isinstance(told.last, AgentCompleted)
    assert told.last.outcome == "completed"
    assert told.models_words.count("That is what the tools say.") == 4


async def test_a_fault_says_who_must_act(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await run(lambda request: Refusal(status=401), people, serve, run_services, give_log, monkeypatch)
    assert isinstance(told.last, AgentCompleted)
    assert "Ask your administrator to check NETRA_MODEL_API_KEY" in told.text
