"""The isolation test of a server with a legacy data agent that calls every method of every facade.

It finds no leak; where the bridge leaks, it finds that."""

import inspect
from collections.abc import Mapping
from pathlib import Path

import pytest
from pytest_django import Settings

from core.models import IsolationIncident, User
from legacy.bridges.dispatch import ToolDispatcher
from legacy.bridges.state import DeepAgentState
from legacy.bridges.voice import Voice
from legacy.bridges.websockets import WebSocketBridge, WebSocketManager
from legacy.models import LegacyUse
from tests.legacy.bridges.storm_agents import StormyDataAgent
from tests.operators.isolation_test.command import call_isolation_selftest
from tests.support import live_server as serving
from tests.support.live_server import run_live_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

ROSTERS = "tests.legacy.bridges.storm_agents"
APPLICATION = "from netra.asgi import application\n"
SHARED = """
from legacy.bridges import instance_factory
instance_factory._copy_class_containers = lambda legacy: {}
"""
"""A bridge whose agents share their class's containers, as on the legacy platform."""
FACADES = (WebSocketManager, ToolDispatcher, WebSocketBridge, DeepAgentState, Voice)
LAST = "ToolDispatcher.cleanup"
"""The agent's last call."""


def list_counted_methods() -> set[str]:
    """Return the facades' methods whose uses are counted."""
    members = [member for facade in FACADES for member in vars(facade).values()]
    return {each.__qualname__ for each in members if inspect.isfunction(each) and hasattr(each, "__wrapped__")}


def load_uses() -> Mapping[str, int]:
    """Return how often the stormy agent used each method, always from its own file."""
    rows = LegacyUse.objects.filter(agent="data").values_list("what", "file", "count")
    found: dict[str, int] = {}
    for what, file, count in rows:
        assert file == "tests/legacy/bridges/storm_agents.py"
        found[what] = found.get(what, 0) + count
    return found


@pytest.mark.parametrize(("users", "seconds"), [(2, 1.5), pytest.param(4, 3, marks=pytest.mark.soak)])
def test_no_method_leaks(tmp_path: Path, settings: Settings, users: int, seconds: float) -> None:
    with run_live_server(tmp_path, roster=f"{ROSTERS}.roster") as server:
        outcome = call_isolation_selftest(server, settings, users=users, seconds=seconds)
    assert (outcome.status, outcome.report["foreign"], outcome.report["findings"]) == (0, 0, [])
    assert load_uses().keys() == list_counted_methods() | {f"{StormyDataAgent.__name__}.execute"}
    assert load_uses()[LAST] >= users
    assert not IsolationIncident.objects.exists()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("code", "roster"),
    [
        pytest.param(SHARED, "roster", id="a list on its class", marks=pytest.mark.soak),
        pytest.param("", "noting", id="a list in another module", marks=pytest.mark.soak),
    ],
)
def test_a_leak_of_the_bridge_is_found(
    code: str, roster: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.SERVER.count(APPLICATION) == 1
    monkeypatch.setattr(serving, "SERVER", serving.SERVER.replace(APPLICATION, APPLICATION + code))
    with run_live_server(tmp_path, roster=f"{ROSTERS}.{roster}") as server:
        outcome = call_isolation_selftest(server, settings)
    assert outcome.status == 1
    assert outcome.report["foreign"] > 0
    assert outcome.has_finding("foreign", "socket", "canary (text)") or outcome.has_finding(
        "foreign", "socket", "canary (ask)"
    )
    assert load_uses()[LAST] >= 2
    assert not User.objects.exists()
