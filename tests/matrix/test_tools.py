"""Every tool of users', called by each: through the process's real dispatchers, admission, sessions and writer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async

from agents.team.analyst import QUERY_TOOLS
from agents.user_data import LOG_ARGUMENTS
from core.exceptions import InvalidContext
from core.models import User
from netra.services import Services, running_services
from tests.agents.claimed_runs import claim_queued_run
from tests.matrix.actors import Actors, actors
from tests.matrix.row import CALLERS
from tests.matrix.tools_table import FAILED, TOOLS_OF_USERS
from tests.operators.operators import list_audit_rows
from tests.support.running_worker import environment, log_file, place_log
from tools.base import PolicyEffect, RunFacts
from tools.errors import ToolFailed, ToolRefused
from tools.policy.models import Policy
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcher
from workloads.analysis.session import AnalysisSession
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "compare_model": {"model": "gpt-4o-mini"},
    "estimate_lever": {"name": "prompt_cache"},
    "combine_levers": {"names": ["prompt_cache"]},
    "measure": {"query": {"by": ["feature", "day"]}},
    "compare": {"before": {}, "after": {"where": [{"field": "feature", "values": ["x"]}]}},
    "explain_change": {"before": {}, "after": {}},
    "what_if": {"query": {}, "change": "batch"},
    "forecast": {"query": {}, "start": "2026-01-16", "end": "2026-01-20"},
    "find_anomalies": {"query": {}, "dimension": "feature"},
    "list_requests": {"query": {}},
    "explain_request": {"query": {}},
    "measure_group_savings": {"dimension": "feature"},
}
CANARY = "canary-of-the-owner"


def test_each_tool_has_its_row() -> None:
    assert TOOLS.keys() == TOOLS_OF_USERS.keys()


@pytest.mark.parametrize("column", CALLERS)
async def test_each_gets_what_the_table_says(column: str, tmp_path: Path) -> None:
    who = await sync_to_async(actors)()
    log = await sync_to_async(import_forecastable_log)(who.owner, tmp_path)
    caller = who.owner if column in ("demoted", "deactivated") else getattr(who, column, None)
    async with running_services(environment(tmp_path)) as services, dispatcher_of(services, caller, log) as dispatcher:
        if caller is None:
            found = dict.fromkeys(TOOLS, "no context" if dispatcher is None else "a dispatcher")
        else:
            assert dispatcher is not None
            if before := column in ("demoted", "deactivated"):
                assert {await call_tool(dispatcher, name) for name in TOOLS} == {"ok"}
                await fallen(column, who)
            found = {name: await call_tool(dispatcher, name) for name in TOOLS}
            if caller != who.owner:
                assert CANARY not in str([each.user_view for each in dispatcher.results])
    assert found == {name: getattr(row, column) for name, row in TOOLS_OF_USERS.items()}
    if caller is not None:
        assert len(await sync_to_async(list_audit_rows)(caller)) == len(TOOLS) * (2 if before else 1)


async def test_no_argument_reaches_another_users_log(tmp_path: Path) -> None:
    """The caller has a log of their own, and names the owner's wherever a tool takes the id of a log."""
    who = await sync_to_async(actors)()
    theirs = await sync_to_async(import_forecastable_log)(who.owner, tmp_path)
    file = await sync_to_async(log_file)(tmp_path / "mine", feature="mine", name="mine.csv")
    mine = await sync_to_async(place_log)(who.other, file, tmp_path)
    found: dict[tuple[str, str], str] = {}
    async with running_services(environment(tmp_path)) as services, dispatcher_of(services, who.other, mine) as opened:
        assert opened is not None
        for name, tool in TOOLS.items():
            for field in LOG_ARGUMENTS:
                if field in tool.schema.get("properties", {}):
                    arguments = ARGUMENTS.get(name, {}) | {field: str(theirs.id)}
                    found[name, field] = await call_tool(opened, name, arguments)
        told = [each.user_view for each in opened.results], opened.error_messages
    assert set(found.values()) == {FAILED}
    assert {name for name, _ in found} == {*QUERY_TOOLS}
    assert CANARY not in str(told)
    assert theirs.name not in str(told)


def import_forecastable_log(user: User, folder: Path) -> Workload:
    file = log_file(folder / "logs", feature=CANARY)
    with file.open("a") as lines:  # two weeks, which a forecast needs
        lines.writelines(f"2026-01-{day:02}T12:00:00Z,gpt-4o,1000,10,{CANARY}\n" for day in range(2, 16))
    return place_log(user, file, folder)


async def fallen(column: str, who: Actors) -> None:
    if column == "demoted":
        await Policy.objects.acreate(effect=PolicyEffect.DENY, user=who.owner)
    else:
        await User.objects.filter(pk=who.owner.pk).aupdate(is_active=False)


@asynccontextmanager
async def dispatcher_of(services: Services, user: User | None, log: Workload) -> AsyncIterator[ToolDispatcher | None]:
    """A run of the caller's whose session was pointed at the owner's log; None for nobody, who gets no dispatcher."""
    job = await sync_to_async(claim_queued_run)(user) if user is not None else None
    context: Any = job.context if job is not None else None
    session = AnalysisSession(
        context,
        workload_id=log.id,
        assumptions=Assumptions(),
        executor=services.analysis_executor,
        data_dir=services.data_dir,
        temp=services.data_dir / "scratch" / "matrix",
    )
    options: dict[str, Any] = {"agent": "data", "tools": tuple(TOOLS), "session": session, "facts": RunFacts(ask="?")}
    if job is None:
        with pytest.raises(InvalidContext):
            services.dispatcher_factory.for_context(cast(Any, None), recorder=cast(Any, None), **options)
        yield None
        return
    emitter = services.bridge_factory.for_context(job.context)
    async with session, services.dispatcher_factory.for_context(job.context, recorder=emitter, **options) as dispatcher:
        yield dispatcher
        await emitter.close()


async def call_tool(dispatcher: Any, name: str, arguments: dict[str, Any] | None = None) -> str:
    """Return "ok", or the code of the error."""
    try:
        await dispatcher.dispatch(name, ARGUMENTS.get(name, {}) if arguments is None else arguments)
    except (ToolRefused, ToolFailed) as error:
        return error.code
    return "ok"
