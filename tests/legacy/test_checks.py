"""manage.py check of the roster that NETRA_ROSTER names."""

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from agents.framework.registry import AGENTS
from agents.team.data import DataAgent
from legacy.rollout.roster import rollout
from tests.legacy.bridges.storm_agents import StormyDataAgent

pytestmark = pytest.mark.slow


class Sharing(DataAgent):
    """Writes to a list that all users share."""

    async def perform(self, run_input: Any) -> Any:
        SHARED.append(run_input.ask)
        return await super().perform(run_input)


SHARED: list[str] = []
sharing = rollout({"data": StormyDataAgent}, modern={**AGENTS, "data": Sharing})


def run_legacy_checks(settings: Settings, roster: str) -> list[tuple[str | None, object]]:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": roster})
    return [(each.id, each.obj) for each in run_checks() if str(each.id).startswith("legacy.")]


@pytest.mark.parametrize(
    "roster", ["agents.framework.registry.select_all_agents", "tests.legacy.bridges.storm_agents.roster"]
)
def test_a_usable_roster_has_no_messages(settings: Settings, roster: str) -> None:
    assert run_legacy_checks(settings, roster) == []


@pytest.mark.parametrize("roster", ["nowhere.roster", "legacy.rollout.roster.nothing", "nodots"])
def test_an_unusable_roster_is_reported_once(settings: Settings, roster: str) -> None:
    assert run_legacy_checks(settings, roster) == []
    assert [each.id for each in run_checks() if "NETRA_ROSTER" in each.msg] == ["netra.E015"]


def test_an_agent_that_only_the_roster_contains_is_checked(settings: Settings) -> None:
    assert run_legacy_checks(settings, f"{__name__}.sharing") == [("legacy.E002", "Sharing")]
