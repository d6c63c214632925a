from typing import Any
from uuid import uuid4

import pytest

from agents import run_queue, run_writer
from agents.models import Run, RunState, Step
from agents.run_rows import StepRecord, store_end
from agents.run_writer import RunItem
from core.events import AgentCompleted, AgentError, AgentThinking, Event, build_agent_fields, get_run_id
from core.exceptions import RunLost
from core.models import Event as EventRow
from core.stream import read
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import begin_claimed, claim_queued_run, write
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers
from tests.support.fakes import context
from tests.tools.settlements import receipt
from tools.audit.models import AuditRow
from tools.settlements import Settlement
from tools.spending.ledger import SpendEntry

pytestmark = pytest.mark.django_db


def thinking(claim: run_queue.RunJob) -> AgentThinking:
    return AgentThinking(**build_agent_fields(claim.context, "supervisor"), thought="hm")


def build_agent_completed(claim: run_queue.RunJob, **changes: Any) -> AgentCompleted:
    fields: dict[str, Any] = {"outcome": "completed", "summary": "done", "duration_ms": 1} | changes
    return AgentCompleted(**build_agent_fields(claim.context, "supervisor"), **fields)


def item(claim: run_queue.RunJob, *events: Event, **changes: Any) -> RunItem:
    fields: dict[str, Any] = {
        "user_id": claim.context.user_id,
        "run_id": claim.context.run_id,
        "attempt": claim.context.attempt,
    }
    return RunItem(**fields | changes, events=events)


def test_events_and_step_are_stored_together(people: People) -> None:
    claim = claim_queued_run(people.owner)
    batch = write(item(claim, thinking(claim), step=StepRecord(agent="data", output={"a": 1}, messages=[])))
    assert batch is not None
    assert [event.type for event in batch.events] == ["agent_thinking"]
    assert Step.objects.for_user(people.owner.id).get().output == {"a": 1}


@pytest.mark.parametrize("change", ["attempt", "user_id", "run_id"])
def test_a_worker_that_lost_its_run_writes_nothing(people: People, change: str) -> None:
    claim = claim_queued_run(people.owner)
    before = EventRow.objects.count()
    wrong = {"attempt": 2, "user_id": people.neighbour.id, "run_id": uuid4()}[change]
    with pytest.raises(RunLost):
        write(item(claim, thinking(claim), **{change: wrong}))
    assert EventRow.objects.count() == before


def test_the_top_agents_terminal_event_ends_the_run_in_its_transaction(people: People) -> None:
    claim = claim_queued_run(people.owner)
    write(item(claim, build_agent_completed(claim, outcome="degraded")))
    run = Run.objects.get()
    assert (run.state, run.degraded) == (RunState.COMPLETED, True)
    assert run.ended_at is not None


@pytest.mark.parametrize(("code", "state"), [("cancelled", RunState.CANCELLED), ("deadline", RunState.FAILED)])
def test_an_error_of_the_top_agent_ends_the_run(people: People, code: str, state: RunState) -> None:
    claim = claim_queued_run(people.owner)
    write(
        item(claim, AgentError(**build_agent_fields(claim.context, "supervisor"), code=code, message="", duration_ms=0))
    )
    assert (Run.objects.get().state, Run.objects.get().error) == (state, code)


def test_a_childs_terminal_event_does_not_end_the_run(people: People) -> None:
    claim = claim_queued_run(people.owner)
    child = build_agent_fields(claim.context.child(), "data")
    write(item(claim, AgentCompleted(**child, outcome="completed", summary="", duration_ms=0)))
    assert Run.objects.get().state == RunState.RUNNING


def test_there_is_one_terminal_event_even_within_one_batch(people: People) -> None:
    claim = claim_queued_run(people.owner)
    first, second = item(claim, build_agent_completed(claim)), item(claim, build_agent_completed(claim))
    outcome = run_writer.write_fenced([first, second], publish=publish_to_nobody)
    assert outcome.lost == [second]
    assert len(outcome.commits[people.owner.id].events) == 1
    with pytest.raises(RunLost):
        write(item(claim, thinking(claim)))


def test_a_batch_of_many_users_goes_to_each_users_stream(people: People) -> None:
    claims = [claim_queued_run(user) for user in (people.owner, people.neighbour, people.stranger, people.owner)]
    items = [item(claim, thinking(claim)) for claim in claims]
    outcome = run_writer.write_fenced(items, publish=publish_to_nobody)
    assert outcome.lost == []
    assert {user: {get_run_id(event) for event in batch.events} for user, batch in outcome.commits.items()} == {
        people.owner.id: {claims[0].context.run_id, claims[3].context.run_id},
        people.neighbour.id: {claims[1].context.run_id},
        people.stranger.id: {claims[2].context.run_id},
    }
    for claim in claims:
        stored = EventRow.objects.filter(run_id=claim.context.run_id).values_list("owner_id", flat=True)
        assert set(stored) == {claim.context.user_id}


def test_one_lost_item_does_not_affect_the_others(people: People) -> None:
    mine, theirs = claim_queued_run(people.owner), claim_queued_run(people.neighbour)
    lost_item = item(mine, thinking(mine), attempt=7)
    outcome = run_writer.write_fenced([lost_item, item(theirs, thinking(theirs))], publish=publish_to_nobody)
    assert (outcome.lost, list(outcome.commits)) == ([lost_item], [people.neighbour.id])


def test_a_failed_late_settlement_does_not_repeat_the_others(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(lost: Settlement) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(run_writer, "settle_late_call", broken)
    mine, theirs = claim_queued_run(people.owner), claim_queued_run(people.neighbour)
    late = item(mine, thinking(mine), attempt=2, receipt=receipt(people.owner.id))
    outcome = run_writer.write_fenced([late, item(theirs, thinking(theirs))], publish=publish_to_nobody)
    assert (list(outcome.commits), outcome.lost) == ([people.neighbour.id], [late])
    assert "could not be stored" in caplog.text


def test_nothing_is_settled_for_an_erased_user(people: People, caplog: pytest.LogCaptureFixture) -> None:
    mine = claim_queued_run(people.owner)
    paid = SpendEntry(user_id=people.owner.id, run_id=mine.context.run_id, kind="model", name="m", cost=None)
    late = item(mine, thinking(mine), receipt=receipt(people.owner.id), entries=(paid,))
    people.owner.delete()
    assert run_writer.write_fenced([late], publish=publish_to_nobody).lost == [late]
    assert "could not be stored" not in caplog.text
    assert not AuditRow.objects.exists()


def test_a_lost_item_stores_neither_step_nor_end(people: People) -> None:
    claim = claim_queued_run(people.owner)
    Run.objects.update(state=RunState.QUEUED)
    before = Run.objects.values().get()
    step = StepRecord(agent="data", output={}, messages=[])
    lost_item = item(claim, build_agent_completed(claim), step=step)
    assert run_writer.write_fenced([lost_item], publish=publish_to_nobody) == run_writer.WriteResult(
        {}, [lost_item], []
    )
    assert not Step.objects.exists()
    assert Run.objects.values().get() == before


def test_a_failed_step_rolls_back_its_events(people: People) -> None:
    claim = claim_queued_run(people.owner)
    step = StepRecord(agent="data", output={}, messages=[])
    write(item(claim, step=step))
    head = read.get_head_position(people.owner.id)
    with pytest.raises(Exception, match="UNIQUE|unique"):
        write(item(claim, thinking(claim), step=step))
    assert read.get_head_position(people.owner.id) == head


def test_an_old_attempt_cannot_write_after_a_requeue(people: People) -> None:
    old = claim_queued_run(people.owner)
    lose_workers()
    run_queue.recover_runs(publish=publish_to_nobody)
    with pytest.raises(RunLost):
        write(item(old, thinking(old)))  # queued again
    assert begin_claimed(old.context.run_id, "second").context.attempt == 2
    with pytest.raises(RunLost):
        write(item(old, thinking(old)))


def test_only_a_terminal_event_closes_a_run() -> None:
    with pytest.raises(TypeError):
        store_end(uuid4(), AgentThinking(**build_agent_fields(context(), "a"), thought=""))
