from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import JsonValue

from agents import runs, user_data
from agents.models import Message, Run, Step, Thread
from agents.run_writer import RunItem
from core.db import as_user
from core.events import AgentStarted, build_agent_fields
from core.exceptions import NotFound, RunLost
from core.models import Event, User
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import claim_queued_run, connection, queue_run, write
from tests.agents.test_runs import list_event_types
from tests.conftest import People
from tests.support.fakes import context
from tools.calls import DispatchedCall
from workloads.models import Workload

pytestmark = pytest.mark.django_db


def log_of(user: User) -> Workload:
    return Workload.objects.create(owner=user, name="log.csv", source={}, state="ready")


def test_a_deleted_conversation_leaves_only_its_event(people: People) -> None:
    run = queue_run(people.owner, "my secret")
    Step.objects.create(owner=people.owner, run=run, agent="data", attempt=1, output={})
    kept = queue_run(people.neighbour, "theirs")
    user_data.delete_thread(people.owner.id, run.thread_id, publish=publish_to_nobody)
    assert list_event_types(people.owner) == ["thread_deleted"]
    assert "my secret" not in str(list(Event.objects.values_list("payload", flat=True)))
    assert not Step.objects.exists()
    assert [each.id for each in Run.objects.all()] == [kept.id]
    assert (Thread.objects.get().owner_id, Message.objects.get().text) == (people.neighbour.id, "theirs")


def test_titles_of_a_deleted_conversation_are_removed(people: People) -> None:
    from agents import threads

    thread = threads.create_thread(people.owner.id, "canary", publish=publish_to_nobody)
    user_data.delete_thread(people.owner.id, thread.id, publish=publish_to_nobody)
    assert "canary" not in str(list(Event.objects.values_list("payload", flat=True)))


def test_a_deleted_runs_worker_cannot_write(people: People) -> None:
    claim = claim_queued_run(people.owner)
    user_data.delete_thread(people.owner.id, claim.context.thread_id, publish=publish_to_nobody)
    started = AgentStarted(**build_agent_fields(claim.context, "supervisor"), title="Supervisor")
    item = RunItem(user_id=people.owner.id, run_id=claim.context.run_id, attempt=1, events=(started,))
    with pytest.raises(RunLost):
        write(item)
    assert list_event_types(people.owner) == ["thread_deleted"]


@pytest.mark.parametrize("name", ["neighbour", "stranger"])
def test_another_users_conversation_cannot_be_deleted(people: People, name: str, tmp_path: Path) -> None:
    run, log, other = queue_run(people.owner), log_of(people.owner), getattr(people, name)
    with pytest.raises(NotFound):
        user_data.delete_thread(other.id, run.thread_id, publish=publish_to_nobody)
    with pytest.raises(NotFound):
        user_data.delete_workload(other.id, log.id, tmp_path, publish=publish_to_nobody)
    assert list_event_types(people.owner) == ["run_queued"]
    assert Workload.objects.get() == log


def test_deleting_a_log_deletes_its_runs_and_nothing_else(people: People, tmp_path: Path) -> None:
    log, other = log_of(people.owner), log_of(people.owner)
    only, _ = runs.start_run(
        connection(people.owner), question="only this log", workload_id=log.id, publish=publish_to_nobody
    )
    both, _ = runs.start_run(
        connection(people.owner), question="this log first", workload_id=log.id, publish=publish_to_nobody
    )
    then, _ = runs.start_run(
        connection(people.owner),
        question="the other",
        workload_id=other.id,
        thread_id=both.thread_id,
        publish=publish_to_nobody,
    )
    with as_user(people.owner.id):
        user_data.delete_workload(people.owner.id, log.id, tmp_path, publish=publish_to_nobody)
    assert [each.id for each in Run.objects.all()] == [then.id]
    assert [each.text for each in Message.objects.all()] == ["the other"]
    assert [each.id for each in Thread.objects.all()] == [both.thread_id]
    assert not Event.objects.filter(run_id__in=[only.id, both.id]).exists()
    assert [each.id for each in Workload.objects.all()] == [other.id]
    assert set(list_event_types(people.owner)) >= {"workload_deleted", "thread_deleted", "run_queued"}


def ask_about(user: User, log: Workload, question: str) -> Run:
    run, _ = runs.start_run(connection(user), question=question, workload_id=log.id, publish=publish_to_nobody)
    return run


def record_call(run: Run, arguments: object) -> None:
    """A call of a tool in the run's stream, as a model may have made it, in place of the run's first event."""
    payload = {"type": "tool_executing", "run_id": str(run.id), "tool": "compare", "arguments": arguments}
    assert Event.objects.filter(run_id=run.id).update(type="tool_executing", payload=payload) == 1


def shown_arguments(**arguments: JsonValue) -> JsonValue:
    """Arguments as the event of a call has them."""
    call = DispatchedCall(
        agent="analyst", tool="compare", title="", cost=Decimal(0), call_id="1", arguments={**arguments}
    )
    return call.build_event(context()).arguments


def test_deleting_a_log_deletes_what_compared_others_with_it(people: People, tmp_path: Path) -> None:
    log, other = log_of(people.owner), log_of(people.owner)
    spellings: list[object] = [
        {"other_log": str(other.id)},
        {"log": str(other.id).upper()},
        {"other_log": f"{{{other.id.hex}}}"},
        {"log": f"urn:uuid:{other.id}"},
        shown_arguments(filter=["x" * 9_000], other_log=str(other.id)),
    ]
    for arguments in spellings:
        record_call(ask_about(people.owner, log, "canary"), arguments)
    read = ask_about(people.owner, log, "canary")
    output = {"other_log": {"id": str(other.id), "name": "canary"}}
    Step.objects.create(owner=people.owner, run=read, agent="triage", attempt=1, output=output)
    kept = set()
    for harmless in ({"log": str(log.id)}, {"log": None}, {"log": ["x"]}, {"query": {"log": str(other.id)}}, ["log"]):
        kept.add((run := ask_about(people.owner, log, "kept")).id)
        record_call(run, harmless)
    theirs = ask_about(people.neighbour, log_of(people.neighbour), "theirs")
    record_call(theirs, {"other_log": str(other.id)})
    user_data.delete_workload(people.owner.id, other.id, tmp_path, publish=publish_to_nobody)
    assert {each.id for each in Run.objects.all()} == {*kept, theirs.id}
    assert {each.text for each in Message.objects.all()} == {"kept", "theirs"}
    assert "canary" not in str(list(Event.objects.filter(owner=people.owner).values_list("payload", flat=True)))
    assert Workload.objects.filter(owner=people.owner).get() == log


def test_all_data_of_a_user_are_deleted_and_nobody_else_s(people: People, tmp_path: Path) -> None:
    owner, neighbour = people.owner, people.neighbour
    log, run, theirs = log_of(owner), queue_run(owner), queue_run(neighbour)
    their_log = log_of(neighbour)
    for user, workload in ((owner, log), (neighbour, their_log)):
        path = workload.get_path(tmp_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"rows")
        assert user_data.list_files(user.id, (), tmp_path)
    assert user_data.list_run_and_workload_ids(owner.id) == {log.id, run.id}
    assert not user_data.is_reading_workload(owner.id)
    for _ in range(2):  # an interrupted deletion is started again
        user_data.delete_all_data(owner.id, tmp_path, publish=publish_to_nobody)
        assert not Event.objects.for_user(owner.id).exists()
    assert [each.id for each in Run.objects.all()] == [theirs.id]
    assert Workload.objects.get() == their_log
    assert their_log.get_path(tmp_path).exists()
    assert Event.objects.for_user(neighbour.id).exists()


def test_all_runs_of_a_user_are_cancelled_and_nobody_else_s(people: People) -> None:
    held, waiting, theirs = claim_queued_run(people.owner), queue_run(people.owner), queue_run(people.neighbour)
    # The worker doesn't let go of the one that it holds.
    assert user_data.cancel_all_runs(people.owner.id, timeout=0.3, publish=publish_to_nobody) == 1
    assert Run.objects.get(id=held.context.run_id).cancel_requested_at is not None
    assert Run.objects.get(id=waiting.id).state == "cancelled"
    assert Run.objects.get(id=theirs.id).state == "queued"
    assert user_data.cancel_all_runs(people.neighbour.id, timeout=0, publish=publish_to_nobody) == 0
