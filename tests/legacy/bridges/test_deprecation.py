"""How often what is used, and where from; and what the installation says of it."""

import asyncio
import inspect
import warnings
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from agents.framework.deps import AgentFailed
from core.models import User
from legacy.bridges.deprecation import WORKING_DIRECTORY as STARTED_IN
from legacy.bridges.deprecation import CodeLocation, UsageKey, store_usage, to_relative_path
from legacy.models import LegacyUse
from netra.config import Environment
from realtime.metrics import Metrics
from tests.conftest import People
from tests.legacy.bridges.old_agents import acting, both, made, run_of

HERE = "tests/legacy/bridges/test_deprecation.py"


async def twice(agent: Any, state: Any, run_id: str) -> None:
    for _ in range(2):
        await agent.emit_thinking(state.user_request)


LINE = inspect.getsourcelines(twice)[1] + 2


def use(what: str = "Voice.emit_thinking", line: int = 5) -> UsageKey:
    return UsageKey(agent="old", what=what, location=CodeLocation(file=HERE, line=line))


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_uses_are_counted_by_the_line_of_the_teams_code(people: People) -> None:
    kind = await made(acting, twice)
    await both(*[run_of(user, "kanarienvogel").take(kind) for user in (people.owner, people.neighbour)])
    rows = [each async for each in LegacyUse.objects.order_by("what").values("agent", "what", "file", "line", "count")]
    assert rows[1] == {"agent": "old", "what": "Voice.emit_thinking", "file": HERE, "line": LINE, "count": 4}
    assert (rows[0]["what"], rows[0]["count"]) == ("Old.execute", 2)
    assert len(rows) == 2
    assert "kanarienvogel" not in str(rows)
    assert str(people.owner.id) not in str(rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_they_are_measured_also_where_the_agent_fails(people: People) -> None:
    async def fails(agent: Any, state: Any, run_id: str) -> None:
        await twice(agent, state, run_id)
        raise ValueError

    measures, kind = Metrics(), await made(acting, fails)
    run = run_of(people.owner, "kanarienvogel")
    run = replace(run, deps=replace(run.deps, on_deprecated_call=measures.count_legacy_calls))
    for _ in range(2):
        with pytest.raises(AgentFailed):
            await run.take(kind)
    told = (await asyncio.to_thread(measures.render)).decode()
    assert 'netra_legacy_calls_total{agent="old",what="Voice.emit_thinking"} 4.0\n' in told
    assert 'netra_legacy_calls_total{agent="old",what="Old.execute"} 2.0\n' in told
    assert "kanarienvogel" not in told
    assert str(people.owner.id) not in told


@pytest.mark.django_db
def test_counts_are_added_to_the_days_and_kept_apart_otherwise() -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    store_usage({use(): 2, use(line=6): 1}, day=first)
    store_usage({use(): 3}, day=first)
    store_usage({use(): 5}, day=second)
    store_usage({})
    found = LegacyUse.objects.order_by("day", "line").values_list("day", "line", "count")
    assert list(found) == [(first, 5, 5), (first, 6, 1), (second, 5, 5)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("mode", "warned"), [("warn", True), ("allow", False)])
async def test_the_caller_is_warned_unless_it_is_allowed(settings: Any, mode: str, warned: bool) -> None:
    settings.NETRA_LEGACY = mode
    kind = await made(acting, twice)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await run_of().take(kind)
    ours = [each for each in caught if "Voice.emit_thinking" in str(each.message)]
    assert [(each.filename, each.lineno, each.category) for each in ours] == (
        [(__file__, LINE, DeprecationWarning)] * 2 if warned else []
    )
    assert all("BaseAgent.think" in str(each.message) for each in ours)
    assert await LegacyUse.objects.aget(what="Voice.emit_thinking")


@pytest.mark.parametrize("start", ["", "."])
def test_a_process_that_was_started_beside_the_code_tells_whole_paths(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As daphne is: with the folder it was started in on the path by no name."""
    monkeypatch.setattr("sys.path", [start, "/nowhere"])
    assert to_relative_path(f"{STARTED_IN}/acme/old.py") == "acme/old.py"
    assert to_relative_path("/elsewhere/acme/old.py") == "old.py"


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_kit_is_loaded_nowhere_unless_it_is_asked_for(environment: Any) -> None:
    assert Environment(_env_file=None, environment=environment).legacy is None


@pytest.mark.django_db
def test_an_operator_sees_them_and_changes_nothing() -> None:
    store_usage({use(): 7})
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    page = client.get("/admin/legacy/legacyuse/").content.decode()
    assert f"{HERE}:5" in page
    assert ">7<" in page
    row = LegacyUse.objects.get()
    assert client.post(f"/admin/legacy/legacyuse/{row.pk}/change/", {"count": 0}).status_code == 403
    assert client.post(f"/admin/legacy/legacyuse/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/legacy/legacyuse/", {"q": "old"}).status_code == 200
