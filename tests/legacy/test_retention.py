"""manage.py prune removes old records of the migration, but not the paths of open runs."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from pytest_django import Settings

from agents.models import Run
from core.models import User
from legacy.bridges.deprecation import CodeLocation, UsageKey, store_usage
from legacy.models import AgentPath, LegacyUse, RunPath, ShadowResult, ShadowVerdict
from tests.conftest import People
from tests.support.running_worker import ask_about_log, environment

pytestmark = pytest.mark.django_db

USE = UsageKey(agent="data", what="x", location=CodeLocation(file="team.py", line=1))


def add_records(user: User, days: int, run_id: UUID | None = None) -> None:
    """Add a record of each kind, `days` days old."""
    at = datetime.now(UTC) - timedelta(days=days)
    run = {"owner": user, "run_id": run_id or uuid4(), "agent": "data", "at": at}
    store_usage({USE: 1}, day=at.date())
    RunPath.objects.create(**run, path=AgentPath.SHADOW)
    ShadowResult.objects.create(**run, verdict=ShadowVerdict.EQUAL, fields=[], legacy_ms=1, modern_ms=1)


def run_prune(*arguments: str) -> dict[str, int]:
    """Return the counts of the migration's records by kind."""
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    counts = {what: count for what, _, count in (line.strip().rpartition(": ") for line in out.getvalue().splitlines())}
    return {what: int(counts[what]) for what in ("legacy API usage records", "rollout assignments", "shadow results")}


def count_remaining() -> list[int]:
    return [model.objects.count() for model in (LegacyUse, RunPath, ShadowResult)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, settings: Settings) -> None:
    settings.NETRA = environment(tmp_path)


def test_old_records_are_listed_and_removed(people: People) -> None:
    for days in (0, 29, 32, 400):
        add_records(people.owner, days)
    expected = {"legacy API usage records": 2, "rollout assignments": 2, "shadow results": 2}
    assert run_prune() == expected
    assert count_remaining() == [4, 4, 4]
    assert run_prune("--yes") == expected
    assert count_remaining() == [2, 2, 2]
    assert set(run_prune("--yes").values()) == {0}
    assert run_prune("--yes", "--days=10") == dict.fromkeys(expected, 1)


def test_an_open_run_keeps_its_path(people: People) -> None:
    run = ask_about_log(people.owner, None)
    add_records(people.owner, 40, run.id)
    assert run_prune("--yes")["rollout assignments"] == 0
    assert RunPath.objects.get().run_id == run.id
    Run.objects.update(ended_at=datetime.now(UTC))
    assert run_prune("--yes")["rollout assignments"] == 1
