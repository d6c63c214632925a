"""Only the data of the notice leaves the machine."""

import pytest
from asgiref.sync import sync_to_async

from agents.framework.registry import AGENTS, list_tools
from agents.llm.config import build_notice
from core.events import AgentThinking
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import sample_logs, scripted_models, whole_runs
from tools.registry import TOOLS
from workloads.models import Workload

pytestmark = pytest.mark.django_db(transaction=True)


async def test_no_row_and_nobodys_name_leaves_the_machine(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(scripted_models.diligent)
    workload: Workload = await sync_to_async(give_log)(people.owner)
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, workload)
    sent = "\n".join(request.text for request in server.requests)
    assert {scripted_models.agent_of(request) for request in server.requests} == {
        "triage", "data", "optimization", "actions", "reporting",
    }  # fmt: skip
    for private in sample_logs.PRIVATE:
        assert private not in sent
    for secret in (people.owner.username, people.owner.display_name, people.owner.id, told.run.id, workload.id):
        assert str(secret) not in sent
    # What the notice says is sent, is.
    for public in (*sample_logs.PUBLIC, whole_runs.ASK, "latency_ms"):
        assert public in sent


async def test_the_user_is_told_before_the_first_request(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(scripted_models.idle)
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    thoughts = [event for event in told.events if isinstance(event, AgentThinking)]
    assert thoughts[0].thought == build_notice(opened.model, list_tools(AGENTS.values(), TOOLS))
    assert server.base_url in thoughts[0].thought
    assert "scripted" in thoughts[0].thought
    # The notice stands in the stream before the first agent that asks the model has begun.
    assert told.events.index(thoughts[0]) < [event.type for event in told.events].index("agent_started", 2)


async def test_without_a_remote_model_nothing_is_asked(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(scripted_models.diligent)
    async with run_services(model_base_url=server.base_url) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert server.requests == []
    assert "no data leaves" in told.text


async def test_the_server_gets_the_key_that_was_set_and_no_other(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    server = serve(scripted_models.idle)
    async with run_services(server, model_api_key="the-key") as opened:
        await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer the-key"}
