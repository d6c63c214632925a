"""manage.py migration_status: the figures, and what the threshold says."""

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


def told(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("migration_status", json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def agent(name: str = "data", **options: Any) -> dict[str, Any]:
    return next(each for each in told(**options)["agents"] if each["agent"] == name)


def took(user: User, path: AgentPath, count: int = 1, days: int = 0) -> None:
    at = NOW - timedelta(days=days)
    RunPath.objects.bulk_create(
        [RunPath(owner=user, run_id=uuid4(), agent="data", path=path, at=at) for _ in range(count)]
    )


def shadow(user: User, verdict: ShadowVerdict, *fields: str) -> None:
    base = {"owner": user, "agent": "data", "legacy_ms": 1, "modern_ms": 1, "at": NOW}
    ShadowResult.objects.create(**base, run_id=uuid4(), verdict=verdict, fields=list(fields))


def test_runs_and_users_on_each_path_within_the_days(people: People) -> None:
    took(people.owner, AgentPath.MODERN, 3)
    took(people.neighbour, AgentPath.MODERN)
    took(people.neighbour, AgentPath.SHADOW)
    took(people.neighbour, AgentPath.LEGACY, 5, days=10)
    found = agent(days=7)
    assert found["modern"] == {"runs": 4, "users": 2}
    assert (found["shadow"], found["legacy"]) == ({"runs": 1, "users": 1}, {"runs": 0, "users": 0})
    assert found["migrated"] == 80
    assert agent(days=30)["migrated"] == 40
    assert told(days=7)["migrated"] == 96  # of five agents, four of which have no legacy form


def test_pattern_findings_and_warnings() -> None:
    place = CodeLocation(file="team.py", line=1)
    store_usage({UsageKey(agent="data", what="x", location=place): 7})
    store_usage({UsageKey(agent="data", what="x", location=place): 9}, day=(NOW - timedelta(days=40)).date())
    found, modern = agent(), agent("triage")
    assert (found["pattern"], found["uses"], found["migrated"]) == ("legacy_bridge", 7, 0)
    assert found["file"] == "tests/legacy/rollout/team.py"
    assert found["findings"] > 0  # the cache on its class
    assert (modern["pattern"], modern["file"], modern["findings"]) == ("modern", "agents/team/triage.py", 0)
    assert (modern["migrated"], modern["errors"]) == (100, [])


def test_how_shadows_agree(people: People) -> None:
    assert agent()["shadows"]["agreement"] is None
    for verdict in (ShadowVerdict.EQUAL, ShadowVerdict.EQUAL, ShadowVerdict.FAILED):
        shadow(people.owner, verdict)
    shadow(people.neighbour, ShadowVerdict.DIFFERS, "spend.total")
    found = agent()["shadows"]
    assert (found["equal"], found["differs"], found["failed"], found["agreement"]) == (2, 1, 1, 50)
    assert found["fields"] == {"spend.total": 1}


def test_below_the_threshold_it_ends_with_1(people: People) -> None:
    took(people.owner, AgentPath.MODERN, 999)
    assert told(threshold=100)["migrated"] == 100
    took(people.owner, AgentPath.LEGACY)
    assert agent()["migrated"] == 99  # one run of a thousand is not nothing
    with pytest.raises(CommandError, match="not 100 %") as refused:
        told(threshold=100)
    assert refused.value.returncode == 1
    assert told(threshold=99)["migrated"] == 99
    assert [each["agent"] for each in told(agent="data")["agents"]] == ["data"]
    assert told(agent="triage", threshold=100)["migrated"] == 100


def test_a_tree_is_counted_too(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(
        "_current_user = None\n\ndef enter(user):\n    global _current_user\n    _current_user = user\n"
    )
    assert told(path=tmp_path)["tree_findings"] >= 1
    assert told()["tree_findings"] is None


def test_in_words(people: People) -> None:
    out = io.StringIO()
    took(people.owner, AgentPath.MODERN)
    shadow(people.owner, ShadowVerdict.DIFFERS, "spend.total")
    call_command("migration_status", stdout=out)
    assert "data: differs in spend.total (1×)" in out.getvalue()
    assert "Migrated: 100 % (runs of the last 30 days" in out.getvalue()


@pytest.mark.parametrize(
    "options", [{"days": 0}, {"threshold": 101}, {"path": Path("/nowhere/at/all")}, {"agent": "nobody"}]
)
def test_what_cannot_be_asked(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as refused:
        told(**options)
    assert refused.value.returncode == 2


def test_a_roster_that_there_is_not(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "nowhere.roster"})
    with pytest.raises(CommandError, match=r"NETRA_ROSTER=nowhere\.roster cannot be used") as refused:
        told()
    assert refused.value.returncode == 2


def test_without_a_rollout_all_are_modern(settings: Settings) -> None:
    settings.NETRA = settings.NETRA.model_copy(update={"roster": "agents.framework.registry.select_all_agents"})
    assert {each["pattern"] for each in told(threshold=100)["agents"]} == {"modern"}
