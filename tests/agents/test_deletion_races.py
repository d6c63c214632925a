"""Deleting beside transactions of workers, readers and other requests: each meets the other exactly between a
transaction's first look and its end, in both orders. On SQLite the second begins when the first has ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection as database_connection
from django.db import transaction

from agents import run_queue, run_writer, runs, threads, user_data
from agents.models import Message, Run, Step, Thread
from agents.run_jobs import RUN
from agents.run_queue import RunJob
from agents.run_rows import StepRecord
from agents.run_writer import RunItem
from core.events import AgentStarted, AgentThinking, Event, ToolCompleted, build_agent_fields
from core.exceptions import NotFound
from core.models import Event as EventRow
from core.models import User
from core.stream import append, retention
from core.stream.append import publish_to_nobody
from operators import consents
from operators.models import Consent
from tests.agents.claimed_runs import begin_claimed, claim_queued_run, connection, queue_run
from tests.agents.test_runs import list_event_types
from tests.conftest import People
from tests.support.claimed_jobs import claim_job, lose_workers
from tests.support.filled_rows import rows_of
from tests.support.gates import hold_after, wait_until_blocked
from tests.support.gates import threads as beside
from tests.tools.settlements import receipt
from tools.results import FullResult
from workloads import import_queue, logs
from workloads.models import Workload, WorkloadState

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "kanarienvogel"
Delete = Callable[[], None]


@pytest.fixture(autouse=True)
def at_the_first_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again would hide who waits in a circle."""
    monkeypatch.setattr("core.db.MAX_TRIES", 1)


def build_worker_item(claim: RunJob) -> RunItem:
    """What a worker has to say: events, a step with the result, and all of a call's long answer."""
    events: tuple[Event, ...] = (
        AgentStarted(**build_agent_fields(claim.context, "supervisor"), title=CANARY),
        AgentThinking(**build_agent_fields(claim.context, "supervisor"), thought=CANARY),
    )
    step = StepRecord(agent="data", output={CANARY: CANARY}, messages=[CANARY])
    return RunItem(claim.context.user_id, claim.context.run_id, claim.context.attempt, events, step)


def log_of(user: User, **fields: Any) -> Workload:
    return Workload.objects.create(**{"owner": user, "name": CANARY, "source": {}, "state": "ready"} | fields)


def taken_up(user: User, run: Run) -> RunJob:
    return begin_claimed(run.id)


@pytest.fixture(params=["conversation", "log"])
def at_work(request: pytest.FixtureRequest, people: People, tmp_path: Path) -> tuple[RunJob, Delete]:
    """A run at work, and how what it belongs to is deleted."""
    user, log = people.owner, log_of(people.owner)
    run, _ = runs.start_run(connection(user), question=CANARY, workload_id=log.id, publish=publish_to_nobody)
    if request.param == "conversation":
        log.delete()
        return taken_up(user, run), lambda: user_data.delete_thread(user.id, run.thread_id, publish=publish_to_nobody)
    return taken_up(user, run), lambda: user_data.delete_workload(user.id, log.id, tmp_path, publish=publish_to_nobody)


def test_events_stored_during_a_deletion_are_deleted(
    at_work: tuple[RunJob, Delete], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, delete = at_work
    gate = hold_after(monkeypatch, run_writer, "record_entries")  # the last thing that it does
    with beside() as begin:
        writing = begin(lambda: run_writer.write_fenced([build_worker_item(claim)], publish=publish_to_nobody))
        assert gate.reached.wait(60)
        deleting = begin(delete)
        wait_until_blocked(deleting)
        gate.opened.set()
        assert not writing.result(60).lost
        deleting.result(60)
    assert rows_of([CANARY]) == []
    assert not EventRow.objects.filter(run_id=claim.context.run_id).exists()
    assert not Step.objects.exists()


@pytest.mark.parametrize("where", ["_delete_run_events_and_results", "_delete_threads"])
def test_a_worker_cannot_write_after_a_deletion(
    at_work: tuple[RunJob, Delete], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    claim, delete = at_work
    gate = hold_after(monkeypatch, user_data, where)
    with beside() as begin:
        deleting = begin(delete)
        assert gate.reached.wait(60)
        writing = begin(lambda: run_writer.write_fenced([build_worker_item(claim)], publish=publish_to_nobody))
        wait_until_blocked(writing)
        gate.opened.set()
        deleting.result(60)
        outcome = writing.result(60)
    if outcome.busy:  # nobody is waited for: the writer gives it again
        outcome = run_writer.write_fenced(outcome.busy, publish=publish_to_nobody)
    assert [each.run_id for each in outcome.lost] == [claim.context.run_id]
    assert rows_of([CANARY]) == []
    assert not Step.objects.exists()


def test_all_of_a_long_result_is_deleted(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the audit's row and what was spent, which stay."""
    claim = claim_queued_run(people.owner)
    call = {"call_id": "c", "tool": "t", "outcome": "ok", "code": None, "error": None, "duration_ms": 1}
    event = ToolCompleted(**build_agent_fields(claim.context, "data"), **call, result=CANARY, truncated=True)
    given = receipt(people.owner.id, full_result=FullResult(result={"all": CANARY}, is_complete=True))
    item = RunItem(people.owner.id, claim.context.run_id, 1, (event,), receipt=given)
    gate = hold_after(monkeypatch, run_writer, "record_entries")
    with beside() as begin:
        writing = begin(lambda: run_writer.write_fenced([item], publish=publish_to_nobody))
        assert gate.reached.wait(60)
        deleting = begin(
            lambda: user_data.delete_thread(people.owner.id, claim.context.thread_id, publish=publish_to_nobody)
        )
        wait_until_blocked(deleting)
        gate.opened.set()
        writing.result(60)
        deleting.result(60)
    assert rows_of([CANARY]) == []


Other = Callable[[User, Run, Workload], object]


def requeue_import(user: User, run: Run, log: Workload) -> None:
    with transaction.atomic():
        import_queue.requeue_import(import_queue.build_job(import_queue.IMPORT, log))


def recover_lost_runs() -> None:
    lose_workers()
    run_queue.recover_runs(publish=publish_to_nobody)


OTHERS: dict[str, tuple[Any, str, Other]] = {
    # What it does, held after which step of it, with what it has locked by then.
    "asks in it": (
        append,
        "append_events",
        lambda user, run, log: runs.start_run(
            connection(user), question=CANARY, workload_id=log.id, thread_id=run.thread_id, publish=publish_to_nobody
        ),
    ),
    "asks elsewhere": (
        append,
        "append_events",
        lambda user, run, log: runs.start_run(
            connection(user), question=CANARY, workload_id=log.id, publish=publish_to_nobody
        ),
    ),
    "renames it": (
        append,
        "append_events",
        lambda user, run, log: threads.rename_thread(user.id, run.thread_id, CANARY, publish=publish_to_nobody),
    ),
    "renames the log": (append, "append_events", lambda user, run, log: logs.rename_log(user.id, log.id, CANARY)),
    "reads the log again": (append, "append_events", requeue_import),
    "cancels": (
        append,
        "append_events",
        lambda user, run, log: runs.cancel_run(connection(user), run.id, publish=publish_to_nobody),
    ),
    "asks for consent": (
        append,
        "append_events",
        lambda user, run, log: consents.ask_consent(
            User.objects.get(username="stranger").id, user.id, run.thread_id, CANARY
        ),
    ),
    "consents": (
        consents,
        "_lock_pending_consent",
        lambda user, run, log: consents.give_consent(user.id, asked_of(user), 1),
    ),
    "loses its worker": (run_queue, "lock_unfinished", lambda user, run, log: recover_lost_runs()),
    "deletes it too": (
        user_data,
        "_delete_run_events_and_results",
        lambda user, run, log: user_data.delete_thread(user.id, run.thread_id, publish=publish_to_nobody),
    ),
    "prunes": (retention, "_events_of", lambda user, run, log: retention.delete_events(user.id, runs_of(run))),
}


def asked_of(user: User) -> UUID:
    """The one consent that was asked for; where it is gone already, one that is not there."""
    return Consent.objects.for_user(user.id).values_list("id", flat=True).first() or uuid4()


def runs_of(run: Run) -> Any:
    from django.db.models import Q

    return Q(run_id=run.id)


IS_ON_SQLITE = database_connection.vendor == "sqlite"
"""Where nobody waits for anybody, so that one order is enough."""


@pytest.mark.parametrize(
    "order",
    ["the other first", pytest.param("the deletion first", marks=pytest.mark.soak if IS_ON_SQLITE else ())],
)
@pytest.mark.parametrize("what", ["conversation", "log"])
@pytest.mark.parametrize("name", list(OTHERS))
def test_deletions_do_not_deadlock(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str, order: str
) -> None:
    """Both come to their end at the first try, and nothing is left of what was deleted."""
    user, place = people.owner, OTHERS[name]
    reading = {"state": WorkloadState.READING, "attempt": 1} if name == "reads the log again" else {}
    log = log_of(user)
    run, _ = runs.start_run(connection(user), question=CANARY, workload_id=log.id, publish=publish_to_nobody)
    taken_up(user, run)
    Workload.objects.filter(id=log.id).update(**reading or {"name": CANARY})
    if name == "consents":
        consents.ask_consent(people.stranger.id, user.id, run.thread_id, CANARY)
    held = (lambda: place[2](user, run, log), *place[:2])
    deleting = (deletion(what, user, run.thread_id, log.id, tmp_path), user_data, "_delete_run_events_and_results")
    first, second = (held, deleting) if order == "the other first" else (deleting, held)
    gate = hold_after(monkeypatch, first[1], first[2])
    with beside() as begin:
        one = begin(first[0])
        assert gate.reached.wait(60)
        two = begin(second[0])
        wait_until_blocked(two)
        gate.opened.set()
        for each in (one, two):
            # It may have found what was deleted, or not any more.
            assert isinstance(each.exception(60), NotFound | None), each.exception()
    assert not Run.objects.filter(id=run.id).exists()
    if what == "conversation":
        assert not Thread.objects.filter(id=run.thread_id).exists()
        assert not Consent.objects.exists()
    else:
        assert not Workload.objects.filter(id=log.id).exists()
    left = {each.thread_id for each in Message.objects.all()}
    assert set(Run.objects.values_list("thread_id", flat=True)) == left
    known = set(Run.objects.values_list("id", flat=True))
    assert set(EventRow.objects.exclude(run_id=None).values_list("run_id", flat=True)) <= known


def deletion(what: str, user: User, thread_id: UUID, log_id: UUID, folder: Path) -> Delete:
    if what == "conversation":
        return lambda: user_data.delete_thread(user.id, thread_id, publish=publish_to_nobody)
    return lambda: user_data.delete_workload(user.id, log_id, folder, publish=publish_to_nobody)


def test_a_title_from_a_deleted_question_is_replaced_by_the_next(people: People, tmp_path: Path) -> None:
    user, log, other = people.owner, log_of(people.owner), log_of(people.owner, name="other")
    first, _ = runs.start_run(
        connection(user), question=f"{CANARY}\nof the first", workload_id=log.id, publish=publish_to_nobody
    )
    second, _ = runs.start_run(
        connection(user),
        question="the second",
        workload_id=other.id,
        thread_id=first.thread_id,
        publish=publish_to_nobody,
    )
    assert Thread.objects.get().title == CANARY
    user_data.delete_workload(user.id, log.id, tmp_path, publish=publish_to_nobody)
    assert Thread.objects.get().title == "the second"
    assert rows_of([CANARY]) == []
    assert list_event_types(user)[0] == "run_queued"
    assert EventRow.objects.get(run_id=second.id).payload["title"] == "the second"


def test_a_users_own_title_is_kept(people: People, tmp_path: Path) -> None:
    user, log, other = people.owner, log_of(people.owner), log_of(people.owner, name="other")
    first, _ = runs.start_run(connection(user), question="a question", workload_id=log.id, publish=publish_to_nobody)
    runs.start_run(
        connection(user),
        question="the second",
        workload_id=other.id,
        thread_id=first.thread_id,
        publish=publish_to_nobody,
    )
    threads.rename_thread(user.id, first.thread_id, "mine", publish=publish_to_nobody)
    user_data.delete_workload(user.id, log.id, tmp_path, publish=publish_to_nobody)
    assert Thread.objects.get().title == "mine"


def test_a_run_deleted_after_its_job_was_claimed_is_dropped(people: People) -> None:
    """Its owner may not act any more, so it would be told as ended: of a run that there is not, nothing is told."""
    run = queue_run(people.owner)
    claimed = claim_job(RUN, run.id)
    User.objects.filter(id=people.owner.id).update(password="another")
    user_data.delete_thread(people.owner.id, run.thread_id, publish=publish_to_nobody)
    assert run_queue.begin_run(claimed.job, run_seconds=60, publish=publish_to_nobody) is None
    assert list_event_types(people.owner) == ["thread_deleted"]
