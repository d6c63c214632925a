"""manage.py migration_status: its figures, output formats and threshold."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from core.models import User
from legacy.bridges.deprecation import CodeLocation, UsageKey, store_usage
from legacy.models import AgentPath, RunPath, ShadowResult, ShadowVerdict
from tests.conftest import People

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def team(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "tests.legacy.rollout.team.roster"})


def run_command(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("migration_status", json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def get_agent_status(name: str = "data", **options: Any) -> dict[str, Any]:
    return next(each for each in run_command(**options)["agents"] if each["agent"] == name)


def add_run_paths(user: User, path: AgentPath, count: int = 1, days: int = 0) -> None:
    at = NOW - timedelta(days=days)
    RunPath.objects.bulk_create(
        [RunPath(owner=user, run_id=uuid4(), agent="data", path=path, at=at) for _ in range(count)]
    )


def add_shadow_result(user: User, verdict: ShadowVerdict, *fields: str) -> None:
    base = {"owner": user, "agent": "data", "legacy_ms": 1, "modern_ms": 1, "at": NOW}
    ShadowResult.objects.create(**base, run_id=uuid4(), verdict=verdict, fields=list(fields))


def test_runs_and_users_are_counted_by_path(people: People) -> None:
    add_run_paths(people.owner, AgentPath.MODERN, 3)
    add_run_paths(people.neighbour, AgentPath.MODERN)
    add_run_paths(people.neighbour, AgentPath.SHADOW)
    add_run_paths(people.neighbour, AgentPath.LEGACY, 5, days=10)
    found = get_agent_status(days=7)
    assert found["modern"] == {"runs": 4, "users": 2}
    assert (found["shadow"], found["legacy"]) == ({"runs": 1, "users": 1}, {"runs": 0, "users": 0})
    assert found["migrated"] == 80
    assert get_agent_status(days=30)["migrated"] == 40
    assert run_command(days=7)["migrated"] == 97  # of six agents, five of which have no legacy form


def test_pattern_findings_and_api_uses() -> None:
    place = CodeLocation(file="team.py", line=1)
    store_usage({UsageKey(agent="data", what="x", location=place): 7})
    store_usage({UsageKey(agent="data", what="x", location=place): 9}, day=(NOW - timedelta(days=40)).date())
    found, modern = get_agent_status(), get_agent_status("triage")
    assert (found["pattern"], found["uses"], found["migrated"]) == ("legacy_bridge", 7, 0)
    assert found["file"] == "tests/legacy/rollout/team.py"
    assert found["findings"] > 0  # the cache on its class
    assert (modern["pattern"], modern["file"], modern["findings"]) == ("modern", "agents/team/triage.py", 0)
    assert (modern["migrated"], modern["errors"]) == (100, [])


def test_shadow_agreement(people: People) -> None:
    assert get_agent_status()["shadows"]["agreement"] is None
    for verdict in (ShadowVerdict.EQUAL, ShadowVerdict.EQUAL, ShadowVerdict.FAILED):
        add_shadow_result(people.owner, verdict)
    add_shadow_result(people.neighbour, ShadowVerdict.DIFFERS, "spend.total")
    found = get_agent_status()["shadows"]
    assert (found["equal"], found["differs"], found["failed"], found["agreement"]) == (2, 1, 1, 50)
    assert found["fields"] == {"spend.total": 1}


def test_it_exits_with_1_below_the_threshold(people: People) -> None:
    add_run_paths(people.owner, AgentPath.MODERN, 999)
    assert run_command(threshold=100)["migrated"] == 100
    add_run_paths(people.owner, AgentPath.LEGACY)
    assert get_agent_status()["migrated"] == 99  # one run of a thousand is not nothing
    with pytest.raises(CommandError, match="below the threshold of 100 %") as raised:
        run_command(threshold=100)
    assert raised.value.returncode == 1
    assert run_command(threshold=99)["migrated"] == 99
    assert [each["agent"] for each in run_command(agent="data")["agents"]] == ["data"]
    assert run_command(agent="triage", threshold=100)["migrated"] == 100


def test_findings_of_a_tree_are_counted(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(
        "_current_user = None\n\ndef enter(user):\n    global _current_user\n    _current_user = user\n"
    )
    assert run_command(path=tmp_path)["tree_findings"] >= 1
    assert run_command()["tree_findings"] is None


def test_text_output(people: People) -> None:
    out = io.StringIO()
    add_run_paths(people.owner, AgentPath.MODERN)
    add_shadow_result(people.owner, ShadowVerdict.DIFFERS, "spend.total")
    call_command("migration_status", stdout=out)
    assert "data: differs in spend.total (1×)" in out.getvalue()
    assert "Migrated: 100 % (runs in the last 30 days" in out.getvalue()


@pytest.mark.parametrize(
    "options", [{"days": 0}, {"threshold": 101}, {"path": Path("/nowhere/at/all")}, {"agent": "nobody"}]
)
def test_invalid_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as raised:
        run_command(**options)
    assert raised.value.returncode == 2


def test_an_unusable_roster_is_refused(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "nowhere.roster"})
    with pytest.raises(CommandError, match=r"NETRA_ROSTER=nowhere\.roster could not be loaded") as raised:
        run_command()
    assert raised.value.returncode == 2


def test_without_a_rollout_all_agents_are_modern(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "agents.framework.registry.select_all_agents"})
    assert {each["pattern"] for each in run_command(threshold=100)["agents"]} == {"modern"}
