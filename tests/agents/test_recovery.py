from io import StringIO

import pytest
from django.core.management import call_command

from agents import run_queue, runs
from agents.models import Run, RunState
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import begin_claimed, claim_queued_run, connection
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers

pytestmark = pytest.mark.django_db


def lose_run(people: People) -> Run:
    """A run whose worker was killed a while ago."""
    run = Run.objects.get(id=claim_queued_run(people.owner, "killed").context.run_id)
    lose_workers()
    return run


def run_recover_runs() -> str:
    out = StringIO()
    call_command("recover_runs", stdout=out)
    return out.getvalue()


def test_a_lost_run_is_requeued(people: People) -> None:
    run = lose_run(people)
    assert f"Run {run.id} of user {people.owner.id}, attempt 1: requeued" in run_recover_runs()
    assert Run.objects.get().state == RunState.QUEUED
    assert run_recover_runs() == "Recovered runs: 0\n"


def test_a_lost_run_that_was_to_be_cancelled_ends(people: People) -> None:
    run = lose_run(people)
    runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    assert "cancelled (cancelled)" in run_recover_runs()


def test_a_repeatedly_lost_run_ends(people: People) -> None:
    run = lose_run(people)
    for _ in range(2):
        assert "requeued" in run_recover_runs()
        begin_claimed(run.id)
        lose_workers()
    assert "attempt 3: failed (worker_lost)" in run_recover_runs()


def test_a_run_whose_worker_is_alive_is_not_touched(people: People) -> None:
    claim_queued_run(people.owner, "alive")
    assert run_queue.recover_runs(publish=publish_to_nobody) == ()
    assert Run.objects.get().state == RunState.RUNNING


def test_a_worker_lost_after_the_end_of_its_run_is_no_loss(people: People) -> None:
    run = lose_run(people)
    Run.objects.filter(id=run.id).update(state=RunState.COMPLETED)
    assert run_recover_runs() == "Recovered runs: 0\n"
