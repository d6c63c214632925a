"""Jobs against one model, on the engine of the database: whatever workers do, jobs keep their order and end once."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.jobs.job import ClaimedJob, Job
from core.jobs.kinds import GiveUpReason, JobKind
from core.jobs.settlement import recover_lost
from tests.core.jobs.engines import Engine, enqueue, open_engine
from tests.support.fakes import never_handle

pytestmark = pytest.mark.django_db

OWNERS = tuple(UUID(int=number) for number in range(1, 4))
LOCKS = ("", "a", "b", "c")
AT_ONCE = 2
WORKERS = ("one", "two", "three")


@dataclass(slots=True)
class Expected:
    """What becomes of one job: `begun` by workers that may still believe that it is theirs; `holder` is right."""

    job: Job
    order: int
    holder: ClaimedJob | None = None
    losses: int = 0
    is_resumed: bool = False
    ended: str = ""
    stale: list[ClaimedJob] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        return not self.ended and self.holder is None


class JobMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine = open_engine()
        self.kind = JobKind(name="work", handle=never_handle, seconds=60, tries=3, give_up=self._note_given_up)
        self.jobs: dict[str, Expected] = {}
        self.frozen: set[str] = set()
        self.given_up: list[str] = []

    def _note_given_up(self, job: Job, reason: GiveUpReason) -> None:
        self.given_up.append(job.key)

    @rule(owner=st.sampled_from(OWNERS), lock=st.sampled_from(LOCKS))
    def enqueue(self, owner: UUID, lock: str) -> None:
        key = f"job{len(self.jobs)}"
        job = Job(kind="work", key=key, owner=owner, lock=lock and f"{owner.int}{lock}", at_once=AT_ONCE)
        enqueue(self.engine, job)
        self.jobs[key] = Expected(job, len(self.jobs))

    @rule(worker=st.sampled_from(WORKERS))
    def claim(self, worker: str) -> None:
        if worker in self.frozen:
            return
        claimed = self.engine.claim(worker, ["work"])
        waiting = [each for each in self.jobs.values() if each.is_waiting]
        if claimed is None:
            assert not [each for each in waiting if self._must_be_free(each)]
            return
        expected = self.jobs[claimed.job.key]
        assert expected.is_waiting, "a job that is not waiting was begun"
        assert claimed.job.losses == expected.losses
        assert (claimed.job.owner, claimed.job.lock) == (expected.job.owner, expected.job.lock)
        before = [each for each in waiting if each.job.lock == expected.job.lock and each.order < expected.order]
        assert not expected.job.lock or not before, "a conversation's later job was begun before its earlier one"
        expected.holder = claimed

    @rule(number=st.integers(0, 50), outcome=st.sampled_from(["done", "failed", "interrupted", "overtime"]))
    @precondition(lambda self: self._list_held())
    def end(self, number: int, outcome: str) -> None:
        held = self._list_held()
        expected = held[number % len(held)]
        claimed = expected.holder
        assert claimed is not None
        if self._name_worker(claimed) in self.frozen:
            return
        fate = self.engine.settle(self.kind, claimed, outcome)  # type: ignore[arg-type]
        expected.holder = None
        if outcome == "failed":
            expected.losses += 1
        if outcome == "done":
            expected.ended = "finished"
        elif outcome == "overtime" or expected.losses >= self.kind.tries:
            expected.ended = "given_up"
        assert fate == (expected.ended or "requeued")
        if outcome == "failed" and not expected.ended:
            self._pass_delay()

    @rule(number=st.integers(0, 50), outcome=st.sampled_from(["done", "failed", "interrupted", "overtime"]))
    @precondition(lambda self: any(each.stale for each in self.jobs.values()))
    def end_what_another_has_taken(self, number: int, outcome: str) -> None:
        """A worker that was frozen goes on, and says how the job ended that is no longer its own."""
        stale = [each for each in self.jobs.values() if each.stale]
        claimed = stale[number % len(stale)].stale.pop()
        before, given_up = self.engine.count(), tuple(self.given_up)
        assert self.engine.settle(self.kind, claimed, outcome) is None  # type: ignore[arg-type]
        assert self.engine.count() == before
        self.given_up = list(given_up)  # what the domain did is rolled back, too

    @rule(worker=st.sampled_from(WORKERS))
    def freeze(self, worker: str) -> None:
        self.engine.freeze(worker)
        self.frozen.add(worker)

    @rule(worker=st.sampled_from(WORKERS))
    def thaw(self, worker: str) -> None:
        self.engine.thaw(worker)
        self.frozen.discard(worker)

    @rule()
    def recover(self) -> None:
        recovered = {each.job.key: each.fate for each in recover_lost(self.engine.queue, {"work": self.kind})}
        lost = [each for each in self._list_held() if self._name_worker(each.holder) in self.frozen]
        assert recovered.keys() == {each.job.key for each in lost}
        for expected in lost:
            assert expected.holder is not None
            expected.stale.append(expected.holder)
            expected.holder = None
            expected.losses += 1
            if expected.losses >= self.kind.tries:
                expected.ended = "given_up"
            assert recovered[expected.job.key] == (expected.ended or "requeued")

    @rule()
    def promote(self) -> None:
        """Only the order of waiting jobs changes, and not that of one conversation's."""
        self.engine.queue.promote_next()
        assert self.engine.queue.promote_next() == 0, "whoever has one in the line gets no other"

    @rule(number=st.integers(0, 50))
    @precondition(lambda self: self._list_held())
    def lose(self, number: int) -> None:
        """A worker is frozen for so long that its jobs are given to others, and goes on."""
        held = self._list_held()
        worker = self._name_worker(held[number % len(held)].holder)
        self.freeze(worker)
        self.recover()
        self.thaw(worker)

    @rule(number=st.integers(0, 50))
    @precondition(lambda self: self.jobs)
    def abort(self, number: int) -> None:
        expected = self.jobs[f"job{number % len(self.jobs)}"]
        with transaction.atomic():
            self.engine.queue.abort("work", expected.job.key)
        if expected.is_waiting:
            expected.ended = "aborted"
        elif expected.holder is not None and self._name_worker(expected.holder) not in self.frozen:
            assert self.engine.is_asked_to_abort(expected.holder)

    @invariant()
    def what_waits_or_runs_is_there(self) -> None:
        assert self.engine.count() == sum(not each.ended for each in self.jobs.values())
        keys = set(self.jobs)
        assert self.engine.queue.find_open("work", keys) == {key for key in keys if not self.jobs[key].ended}
        running = {each.job.key for each in self._list_held() if self._name_worker(each.holder) not in self.frozen}
        assert self.engine.queue.find_running("work", keys) == running

    @invariant()
    def limits_hold(self) -> None:
        held = self._list_held()
        for owner in OWNERS:
            assert sum(each.job.owner == owner for each in held) <= AT_ONCE
        locks = [each.job.lock for each in held if each.job.lock]
        assert len(locks) == len(set(locks)), "a conversation has two jobs at once"

    @invariant()
    def tries_are_used_up_once(self) -> None:
        ended = [key for key, each in self.jobs.items() if each.ended == "given_up"]
        assert sorted(self.given_up) == sorted(ended)

    def teardown(self) -> None:
        """Everything ends, once its workers are back."""
        for worker in WORKERS:
            self.thaw(worker)
        for _ in range(10 * len(self.jobs) + 1):
            for expected in self._list_held():
                assert self.engine.settle(self.kind, expected.holder, "done") == "finished"  # type: ignore[arg-type]
                expected.holder, expected.ended = None, "finished"
            self.claim("one")
            if all(each.ended for each in self.jobs.values()):
                break
        assert all(each.ended for each in self.jobs.values())
        assert self.engine.count() == 0

    def _list_held(self) -> list[Expected]:
        return [each for each in self.jobs.values() if each.holder is not None]

    def _name_worker(self, claimed: ClaimedJob | None) -> str:
        assert claimed is not None
        return self.engine.name_worker(claimed.worker)

    def _must_be_free(self, expected: Expected) -> bool:
        """Whether nothing of its owner runs, and nothing of its owner was queued before it."""
        mine = [each for each in self.jobs.values() if each.job.owner == expected.job.owner and not each.ended]
        return all(each is expected or (each.is_waiting and each.order > expected.order) for each in mine)

    def _pass_delay(self) -> None:
        """The time is over after which a job that failed is tried again."""
        self.engine.pass_delays()


def test_jobs_keep_their_order_and_end_once() -> None:
    run_state_machine_as_test(JobMachine, settings=settings(stateful_step_count=25, deadline=None))
