from uuid import uuid4

import pytest

from agents.models import Step
from agents.queries import load_recorded_steps
from agents.run_rows import StepRecord
from agents.run_writer import RunItem
from tests.agents.claimed_runs import claim_queued_run, write
from tests.conftest import People
from tests.support.fakes import context

pytestmark = pytest.mark.django_db


def test_only_the_runs_own_steps_are_resumed(people: People) -> None:
    mine, before, theirs = (
        claim_queued_run(people.owner),
        claim_queued_run(people.owner),
        claim_queued_run(people.neighbour),
    )
    for claim, agent in ((mine, "triage"), (before, "data"), (theirs, "optimization")):
        step = StepRecord(agent=agent, output=agent, messages=[])
        write(RunItem(user_id=claim.context.user_id, run_id=claim.context.run_id, attempt=1, events=(), step=step))
    again = context(people.owner.id, run_id=mine.context.run_id, attempt=2)
    assert {agent: step.output for agent, step in load_recorded_steps(again).items()} == {"triage": "triage"}


def test_a_step_of_another_owner_is_not_resumed(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    Step.objects.create(owner=people.neighbour, run_id=run_id, agent="data", attempt=1, output={}, messages=[])
    assert load_recorded_steps(context(people.owner.id, run_id=run_id, attempt=2)) == {}


def test_a_first_attempt_has_no_steps(people: People) -> None:
    assert load_recorded_steps(context(people.owner.id, run_id=uuid4(), attempt=1)) == {}
