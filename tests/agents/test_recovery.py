from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from agents import run_queue, runs
from agents.models import Run, RunState
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection, queue_run
from tests.conftest import People

pytestmark = pytest.mark.django_db


def silent(people: People) -> Run:
    """A run whose worker was killed a moment ago."""
    run = queue_run(people.owner)
    run_queue.claim_run("killed", lease=timedelta(seconds=-1), run_seconds=60, run_id=run.id, publish=publish_to_nobody)
    return run


def run_recover_runs() -> str:
    out = StringIO()
    call_command("recover_runs", stdout=out)
    return out.getvalue()


def test_a_lost_run_is_requeued_with_an_event(people: People) -> None:
    run = silent(people)
    assert f"Run {run.id} of user {people.owner.id}, attempt 1: requeued" in run_recover_runs()
    assert Run.objects.get().state == RunState.QUEUED
    assert run_recover_runs() == "Recovered runs: 0\n"


def test_a_lost_run_that_was_to_be_cancelled_ends(people: People) -> None:
    run = silent(people)
    runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    assert "cancelled (cancelled)" in run_recover_runs()


def test_a_repeatedly_lost_run_ends(people: People) -> None:
    silent(people)
    Run.objects.update(attempt=run_queue.MAX_ATTEMPTS)
    assert "failed (worker_lost)" in run_recover_runs()


def test_a_run_with_a_valid_lease_is_not_touched(people: People) -> None:
    queue_run(people.owner)
    run_queue.claim_run("alive", lease=timedelta(seconds=8), run_seconds=60, publish=publish_to_nobody)
    assert run_queue.recover_runs(publish=publish_to_nobody) == ()
    assert Run.objects.get().state == RunState.RUNNING
