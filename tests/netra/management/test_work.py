from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agents.run_jobs import RUN
from core.jobs.queue import get_queue
from core.jobs.settlement import settle_job
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.core.jobs.engines import build_idle_kind
from tests.support.claimed_jobs import claim_job


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"kinds": "runs,dreams"}, "--kinds dreams: choose among"), ({"concurrency": 0}, "--concurrency 0: must be")],
)
def test_a_worker_of_unknown_kinds_or_without_places_is_refused(options: dict[str, object], reason: str) -> None:
    with pytest.raises(CommandError, match=reason) as caught:
        call_command("work", **options)
    assert caught.value.returncode == 2


def test_a_worker_is_refused_without_what_processes_share(capsys: pytest.CaptureFixture[str]) -> None:
    if connection.vendor == "postgresql":
        return
    with pytest.raises(SystemExit, match="No worker can run with these settings"):
        call_command("work")
    assert "netra.E018: Workers need PostgreSQL" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_draining_waits_for_what_runs(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netra.management.commands.drain.POLL_SECONDS", 0.01)
    claimed, out = claim_job(RUN, queue_run(people.owner).id), StringIO()
    queue_run(people.neighbour)
    with pytest.raises(CommandError, match="Jobs still running: 1"):
        call_command("drain", seconds=0.05)
    settle_job(get_queue(), build_idle_kind(RUN), claimed, "done")
    call_command("drain", stdout=out)
    call_command("drain", end=True, stdout=out)
    assert out.getvalue().splitlines() == [
        "No job is running, and none begins until manage.py drain --end.",
        "Jobs begin again.",
    ]
