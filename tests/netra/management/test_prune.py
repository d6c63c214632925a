import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from knox.models import AuthToken

from accounts.models import SignInLink
from agents.models import Run
from core.models import AttemptCount, Event
from operators.base import OperatorToolContext
from operators.tools import prune
from tests.agents.claimed_runs import connection
from tests.agents.test_retention import over
from tests.conftest import People
from tests.support.filled_rows import sign_in
from tests.support.running_worker import environment
from tests.support.workloads.uploaded_logs import files
from workloads import retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(people: People, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one of each kind to be pruned, and one that is not."""
    settings.NETRA = environment(tmp_path)
    monkeypatch.setattr(retention, "MIN_ORPHAN_AGE", timedelta(0))
    monkeypatch.setattr("agents.retention.MIN_ORPHAN_AGE", timedelta(0))
    now, day = datetime.now(UTC), timedelta(days=1)
    for days in (31, 29):
        over(people.owner, days=days)
    for folder in (tmp_path / "uploads" / str(people.owner.id), tmp_path / "scratch"):
        folder.mkdir(parents=True)
    (tmp_path / "uploads" / str(people.owner.id) / str(uuid4())).write_bytes(b"1234567")
    (tmp_path / "scratch" / f"{uuid4()}-1").mkdir()
    for until in (now - day, now + day):
        session = sign_in(people.owner, "x")
        Session.objects.filter(session_key=session.session_key).update(expire_date=until)
        UserSession.objects.get_or_create(
            session_key=session.session_key, defaults={"user": people.owner, "ip": "192.0.2.7", "user_agent": "x"}
        )
        AuthToken.objects.create(people.owner, expiry=until - now)
        AttemptCount.objects.create(key=str(until), subject="x", expires=int(until.timestamp()), count=1)
        SignInLink.objects.create(digest=str(until), user=people.owner, expires=until)
    AuthToken.objects.create(people.owner, expiry=None)
    return tmp_path


def run_prune(*arguments: str) -> str:
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


def counts(here: Path) -> list[int]:
    rows = [model.objects.count() for model in (Event, Run, Session, UserSession, AuthToken)]
    return [*rows, len(files(here)), len(list((here / "scratch").iterdir()))]


def number(line: str) -> str:
    found = re.search(r": (\d+)(, \d+ bytes?)?$", line)
    assert found, line
    return found[1]


def test_first_it_only_tells(here: Path) -> None:
    before = counts(here)
    said = run_prune()
    assert counts(here) == before == [4, 2, 2, 2, 3, 1, 1]
    assert re.search(r"events of runs that ended before .*: 2, ", said)
    assert "orphaned files of logs and uploads: 1, 7 bytes" in said
    assert "Nothing was removed" in said


def test_what_was_told_goes_and_again_is_nothing(here: Path) -> None:
    numbers = [number(line) for line in run_prune().splitlines()[:-1]]
    assert numbers == ["2", "0", "1", "1", "0", "0", "0", "0", "0", "1", "1", "2"]
    assert [number(line) for line in run_prune("--yes").splitlines()[:-1]] == numbers
    assert counts(here) == [2, 2, 1, 1, 2, 0, 0]
    assert AttemptCount.objects.count() == SignInLink.objects.count() == 1
    assert {number(line) for line in run_prune("--yes").splitlines()[:-1]} == {"0"}


def test_an_operator_prunes_the_same_kinds(here: Path, people: People) -> None:
    context = OperatorToolContext(context=connection(people.owner), operator="olga", target=None, data_dir=here)
    for confirmed in (False, True):
        listed = [line.partition(": ")[0] for line in run_prune().splitlines()[:-1]]
        result = prune.run(prune.PruneInput(confirmed=confirmed), context)
        assert [str(garbage.what).partition(" ended before ")[0] for garbage in result.garbage] == [
            kind.partition(" ended before ")[0] for kind in listed
        ]
    assert {number(line) for line in run_prune().splitlines()[:-1]} == {"0"}


def test_so_many_days_are_kept_as_were_said(here: Path) -> None:
    run_prune("--days", "1", "--yes")
    assert Event.objects.count() == 0
    assert Run.objects.count() == 2


@pytest.mark.parametrize("days", ["-1", "36501"])
def test_days_that_cannot_be_are_refused(here: Path, days: str) -> None:
    with pytest.raises(CommandError) as refused:
        run_prune(f"--days={days}")
    assert refused.value.returncode == 2


def test_a_disk_that_refuses_is_said_in_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "a/file")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(CommandError, match=r"^a/file: Permission denied\. What is listed above was removed"):
        run_prune("--yes")
