"""Legacy API uses are counted by line of code, exported as metrics and shown in the admin."""

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
from legacy.bridges.deprecation import WORKING_DIRECTORY, CodeLocation, UsageKey, store_usage, to_relative_path
from legacy.models import LegacyUse
from netra.config import Environment
from realtime.metrics import Metrics
from tests.conftest import People
from tests.legacy.bridges.old_agents import build_bridged, build_class, build_run, run_concurrently

HERE = "tests/legacy/bridges/test_deprecation.py"


async def twice(agent: Any, state: Any, run_id: str) -> None:
    for _ in range(2):
        await agent.emit_thinking(state.user_request)


LINE = inspect.getsourcelines(twice)[1] + 2


def build_key(what: str = "Voice.emit_thinking", line: int = 5) -> UsageKey:
    return UsageKey(agent="old", what=what, location=CodeLocation(file=HERE, line=line))


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_uses_are_counted_by_line_of_code(people: People) -> None:
    kind = await build_class(build_bridged, twice)
    await run_concurrently(
        *[build_run(user, "kanarienvogel").run_agent(kind) for user in (people.owner, people.neighbour)]
    )
    rows = [each async for each in LegacyUse.objects.order_by("what").values("agent", "what", "file", "line", "count")]
    assert rows[1] == {"agent": "old", "what": "Voice.emit_thinking", "file": HERE, "line": LINE, "count": 4}
    assert (rows[0]["what"], rows[0]["count"]) == ("Old.execute", 2)
    assert len(rows) == 2
    assert "kanarienvogel" not in str(rows)
    assert str(people.owner.id) not in str(rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_uses_are_exported_as_metrics_even_if_the_agent_fails(people: People) -> None:
    async def fails(agent: Any, state: Any, run_id: str) -> None:
        await twice(agent, state, run_id)
        raise ValueError

    metrics, kind = Metrics(), await build_class(build_bridged, fails)
    run = build_run(people.owner, "kanarienvogel")
    run = replace(run, deps=replace(run.deps, on_deprecated_call=metrics.count_legacy_calls))
    for _ in range(2):
        with pytest.raises(AgentFailed):
            await run.run_agent(kind)
    text = (await asyncio.to_thread(metrics.render)).decode()
    assert 'netra_legacy_calls_total{agent="old",what="Voice.emit_thinking"} 4.0\n' in text
    assert 'netra_legacy_calls_total{agent="old",what="Old.execute"} 2.0\n' in text
    assert "kanarienvogel" not in text
    assert str(people.owner.id) not in text


@pytest.mark.django_db
def test_counts_are_added_up_by_day_and_line() -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    store_usage({build_key(): 2, build_key(line=6): 1}, day=first)
    store_usage({build_key(): 3}, day=first)
    store_usage({build_key(): 5}, day=second)
    store_usage({})
    found = LegacyUse.objects.order_by("day", "line").values_list("day", "line", "count")
    assert list(found) == [(first, 5, 5), (first, 6, 1), (second, 5, 5)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("mode", "warned"), [("warn", True), ("allow", False)])
async def test_a_use_warns_at_its_line_unless_the_mode_is_allow(settings: Any, mode: str, warned: bool) -> None:
    settings.NETRA_LEGACY = mode
    kind = await build_class(build_bridged, twice)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await build_run().run_agent(kind)
    matching = [each for each in caught if "Voice.emit_thinking" in str(each.message)]
    assert [(each.filename, each.lineno, each.category) for each in matching] == (
        [(__file__, LINE, DeprecationWarning)] * 2 if warned else []
    )
    assert all("BaseAgent.think" in str(each.message) for each in matching)
    assert await LegacyUse.objects.aget(what="Voice.emit_thinking")


@pytest.mark.parametrize("start", ["", "."])
def test_paths_are_relative_to_the_working_directory(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Daphne adds the folder it was started in to the path as an empty name."""
    monkeypatch.setattr("sys.path", [start, "/nowhere"])
    assert to_relative_path(f"{WORKING_DIRECTORY}/acme/old.py") == "acme/old.py"
    assert to_relative_path("/elsewhere/acme/old.py") == "old.py"


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_kit_is_not_loaded_by_default(environment: Any) -> None:
    assert Environment(_env_file=None, environment=environment).legacy is None


@pytest.mark.django_db
def test_an_operator_can_view_but_not_change_uses() -> None:
    store_usage({build_key(): 7})
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
