"""Tools that give away what the notice denies: a remote model gets none of it, whichever tool, however it is said."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async

from agents.llm.loop import ModelLoop
from core.events import ToolCompleted
from core.exceptions import BadInput
from core.i18n.text import verbatim_text
from core.models import User
from netra.services import Services
from operators.registry import OPERATOR_TOOLS
from tests.agents.claimed_runs import claim_queued_run, queue_run
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.operators.operators import operator
from tests.support.fakes import FakeRecorder
from tests.support.llm import sample_logs, scripted_models, whole_runs
from tests.support.llm.model_responses import Request, Said, calls, says
from tools.base import DataKind, RunFacts, Tool, ToolContext
from tools.registry import TOOLS
from workloads.analysis.session import AnalysisSession
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)

CANARIES = ("private-user-3", "private-session-5", "private-request-17", "private-prompt-7", "private-block-2-4")
Leaking = Callable[[Tool[Any]], Tool[Any]]


def with_result(tool: Tool[Any]) -> Tool[Any]:
    """Its own result, and the canaries wherever words can be."""

    async def run(wanted: Any, reach: ToolContext) -> Any:
        await reach.session.ask(lambda analysis: analysis.spend())
        said = [f"Most is {name}'s; {name.upper()}, too." for name in CANARIES]
        named = {name: {"who": name, "list": [name, [name]]} for name in CANARIES}
        return {"said": said, "named": named, "long": "x" * 50_000, "after": list(CANARIES)}

    return replace(tool, run=run, title=tool.title)


def with_error(tool: Tool[Any]) -> Tool[Any]:
    async def run(wanted: Any, reach: ToolContext) -> Any:
        await reach.session.ask(lambda analysis: analysis.spend())
        raise BadInput(verbatim_text(" and ".join(CANARIES) + " are too many."))

    return replace(tool, run=run)


def declare_user_names(tool: Tool[Any]) -> Tool[Any]:
    leaking = with_result(tool)
    return replace(leaking, result_kinds=tool.result_kinds | {DataKind.USER_NAMES})


def leaky(services: Services, leaking: Leaking) -> Services:
    catalog = MappingProxyType({name: leaking(tool) for name, tool in TOOLS.items()})
    return replace(services, dispatcher_factory=replace(services.dispatcher_factory, catalog=catalog))


def each_tool(request: Request) -> Said:
    """Calls every tool that it is offered, whatever comes back."""
    if scripted_models.VERDICT in request.offered_tools and "inspect_workload" in request.called_tools:
        return scripted_models.answer_triage(request)
    todo = [name for name in request.offered_tools if name not in (*request.called_tools, scripted_models.VERDICT)]
    names: dict[str, Any] = {
        "compare_model": {"model": "gpt-4o-mini"},
        "estimate_lever": {"name": "prompt_cache"},
        "combine_levers": {"names": ["retries"]},
    }
    return calls(*((name, names.get(name, {})) for name in todo)) if todo else says("Done.")


@pytest.mark.long
@pytest.mark.parametrize("leaking", [with_result, with_error, pytest.param(declare_user_names, marks=pytest.mark.soak)])
async def test_no_tool_of_the_catalogue_gives_it_away(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, leaking: Leaking, tmp_path: Path
) -> None:
    server = serve(each_tool)
    workload: Workload = await sync_to_async(give_log)(people.owner)
    async with run_services(server) as opened:
        told = await whole_runs.ask(leaky(opened, leaking), people.owner, workload)
        await call_each_tool(leaky(opened, leaking), people.owner, workload, tmp_path / "temp")
    sent = "\n".join(request.text for request in server.requests)
    assert {name for request in server.requests for name in request.called_tools} == set(TOOLS)
    assert any(isinstance(event, ToolCompleted) for event in told.events)
    for private in sample_logs.PRIVATE:
        assert private not in sent.lower()


async def call_each_tool(services: Services, user: User, workload: Workload, temp: Path) -> None:
    """The model itself calls every tool through a dispatcher of its own: a whole run ends before some agents."""
    context = (await sync_to_async(claim_queued_run)(user)).context
    session = AnalysisSession(
        context,
        workload_id=workload.id,
        assumptions=Assumptions(),
        executor=services.analysis_executor,
        data_dir=services.data_dir,
        temp=temp,
    )
    talking = replace(cast(ModelLoop, services.model_runner), streaming=False)
    async with session:  # one for all: each would start a process of its own
        for name in TOOLS:
            dispatcher = services.dispatcher_factory.for_context(
                context, agent="data", tools=(name,), recorder=FakeRecorder(), session=session, facts=RunFacts(ask="?")
            )
            async with dispatcher:
                await talking(
                    cast(Any, None),
                    dispatcher,
                    instructions="Call it.",
                    prompt="?",
                    output_type=str,
                    on_text=cast(Any, None),
                )


async def test_a_user_is_shown_their_own_names(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(each_tool)
    async with run_services(server) as opened:
        told = await whole_runs.ask(
            leaky(opened, with_result), people.owner, await sync_to_async(give_log)(people.owner)
        )
    assert CANARIES[0] in told.text


async def test_no_operators_tool_tells_a_model_who_there_is(
    people: People, serve: Serve, run_services: OpenServices
) -> None:
    given = {
        "inspect_runs": {"user": "owner"},
        "usage_by_user": {},
        "cancel_run": {"run_id": "00000000-0000-4000-8000-000000000001"},
        "change_grant": {"user": "owner", "tool": "write_report", "effect": "deny", "why": "because"},
        "ask_consent": {"user": "owner", "why": "because of it"},
    }

    def script(request: Request) -> Said:
        todo = [name for name in request.offered_tools if name not in request.called_tools]
        return calls(*((name, given.get(name, {})) for name in todo)) if todo else says("Done.")

    server = serve(script)
    olga = await sync_to_async(operator)("olga", "use_operations", *OPERATOR_TOOLS)
    await sync_to_async(queue_run)(people.neighbour, "a question")
    await sync_to_async(queue_run)(people.stranger, "a question")
    run = await sync_to_async(queue_run)(olga, "/ops how is owner, and everybody?")
    async with run_services(server) as opened, whole_runs.working(opened):
        told = await whole_runs.await_received_run(opened, run)
    # The others' runs are worked on, too, and ask the model about their own.
    mine = [request for request in server.requests if "inspect_runs" in request.offered_tools]
    sent = "\n".join(request.text for request in mine)
    offered = {name for request in mine for name in request.offered_tools}
    assert offered == {name for name, tool in OPERATOR_TOOLS.items() if not tool.requires_consent}
    for user in (people.neighbour, people.stranger, olga):
        for private in (user.username, str(user.pk)):
            assert private not in sent, private
    assert people.stranger.username in told.text  # the operator is shown
