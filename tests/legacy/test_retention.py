"""manage.py prune and what is known of the migration: old days go, and a run that goes on keeps its paths."""

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
from tests.support.running_worker import asked, environment

pytestmark = pytest.mark.django_db

USE = UsageKey(agent="data", what="x", location=CodeLocation(file="team.py", line=1))


def recorded(user: User, days: int, run_id: UUID | None = None) -> None:
    """One of each kind, of so many days ago."""
    at = datetime.now(UTC) - timedelta(days=days)
    run = {"owner": user, "run_id": run_id or uuid4(), "agent": "data", "at": at}
    store_usage({USE: 1}, day=at.date())
    RunPath.objects.create(**run, path=AgentPath.SHADOW)
    ShadowResult.objects.create(**run, verdict=ShadowVerdict.EQUAL, fields=[], legacy_ms=1, modern_ms=1)


def pruned(*arguments: str) -> dict[str, int]:
    """The counts of what is the migration's, by its words."""
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    counts = [line.strip().rpartition(": ") for line in out.getvalue().splitlines()[-4:-1]]
    return {what: int(count) for what, _, count in counts}


def left() -> list[int]:
    return [model.objects.count() for model in (LegacyUse, RunPath, ShadowResult)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, settings: Settings) -> None:
    settings.NETRA = environment(tmp_path)


def test_old_days_are_told_and_go(people: People) -> None:
    for days in (0, 29, 32, 400):
        recorded(people.owner, days)
    told = {"uses of the old pattern, by line": 2, "paths of runs": 2, "results of shadows": 2}
    assert pruned() == told
    assert left() == [4, 4, 4]
    assert pruned("--yes") == told
    assert left() == [2, 2, 2]
    assert set(pruned("--yes").values()) == {0}
    assert pruned("--yes", "--days=10") == dict.fromkeys(told, 1)


def test_a_run_that_has_not_ended_keeps_its_path(people: People) -> None:
    run = asked(people.owner, None)
    recorded(people.owner, 40, run.id)
    assert pruned("--yes")["paths of runs"] == 0
    assert RunPath.objects.get().run_id == run.id
    Run.objects.update(ended_at=datetime.now(UTC))
    assert pruned("--yes")["paths of runs"] == 1
