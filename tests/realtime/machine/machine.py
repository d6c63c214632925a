"""The stream's state machine: what users, workers, other processes and operators may do, in any order."""

import asyncio
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agents import run_queue, runs, supervision
from agents.models import Run
from agents.run_jobs import RUN
from agents.user_data import delete_thread
from core.context import UserExecutionContext
from core.events import EVENT_ADAPTER, AgentCompleted, AgentThinking, ThreadChanged, build_agent_fields
from core.exceptions import Conflict, NotAllowed, NotFound, RunLost
from core.models import Event, User, UserStream
from core.stream import append, read, retention
from core.stream.append import publish_to_nobody
from core.stream.batches import Position
from core.users import credential_fingerprint
from realtime.auth import Credential, find_withdrawn_credentials
from tests.agents.claimed_runs import connection
from tests.realtime.machine.listener import to_model_event
from tests.realtime.machine.model import Epoch, LoggedEvent, MachineRun, Person
from tests.realtime.machine.process import Process
from tests.realtime.test_auth import by_token
from tests.support.claimed_jobs import claim_job, count_losses, lose_workers

SOME = st.integers(min_value=0, max_value=10**6)  # which one of what there is
MAX_TRIES = 3
PLACES = ("now", "seen", "seen", "first", "future", "foreign", "nowhere")
MOST = 12  # runs of one user in one example


class StreamMachine(RuleBasedStateMachine):
    """Rules do something to the real parts and say to the model what must have come of it."""

    @initialize(together=st.booleans())
    def begin(self, together: bool) -> None:
        self.process = Process()
        self.contexts: dict[tuple[uuid.UUID, int], UserExecutionContext] = {}
        self.pending: list[tuple[Person, MachineRun, int, str]] = []
        self.thoughts = 0
        self.understood: dict[tuple[uuid.UUID, uuid.UUID, int], tuple[dict[str, Any], LoggedEvent]] = {}
        names = [f"{name}-{uuid.uuid4().hex}" for name in ("owner", "neighbour")]
        self.people = [self._person(User.objects.create(username=name, password="first")) for name in names]
        self.credentials = {person.id: self._credential(person) for person in self.people}
        if together:
            self.begin_anew(0, together)
        for which, person in enumerate(self.people):
            self.process.listen(person, person.head)
            self.start(which, None, taken_up=True)

    def _person(self, user: User) -> Person:
        start = read.get_head_position(user.id)
        return Person(user=user, epoch=start.epoch, epochs={start.epoch: Epoch()}, seen=[start])

    def _credential(self, person: Person) -> Credential:
        return by_token(User.objects.get(id=person.id))

    # --- Choosing

    def _who(self, which: int) -> Person:
        return self.people[which % len(self.people)]

    def _run(self, which: int, state: str) -> tuple[Person, MachineRun] | None:
        """One of any state now and then, else of this one."""
        every = [(person, run) for person in self.people for run in person.runs]
        some = [(person, run) for person, run in every if run.state == state]
        chosen = some if some and which % 4 < 3 else every
        return chosen[which // 4 % len(chosen)] if chosen else None

    # --- Clients

    @rule(which=SOME, place=SOME, kind=st.sampled_from(PLACES))
    def connect(self, which: int, place: int, kind: str) -> None:
        person = self._who(which)
        if not person.active:
            return  # the door's to refuse
        position = self._position(person, kind, place)
        self._settle()
        listener = self.process.listen(person, position)
        if not person.goes_on_from(position):
            # Before the stream reaches a place that was in the future.
            self.process.run(self.process.calm())
            assert listener.position == person.head

    def _position(self, person: Person, kind: str, place: int) -> Position:
        if kind == "seen":
            return person.seen[place % len(person.seen)]
        if kind == "foreign":
            other = self.people[(self.people.index(person) + 1) % len(self.people)]
            return other.seen[place % len(other.seen)]
        places = {
            "now": person.head,
            "first": Position(epoch=person.epoch, seq=0),
            "future": Position(epoch=person.epoch, seq=person.head.seq + 1 + place % 3),
            "nowhere": Position(epoch=uuid.uuid4(), seq=place % 3),
        }
        return places[kind]

    @precondition(lambda self: self.process.listeners)
    @rule(which=SOME)
    def leave(self, which: int) -> None:
        self.process.leave([self.process.listeners[which % len(self.process.listeners)]])

    @rule()
    def calm(self) -> None:
        self._settle()
        self.process.run(self.process.calm())

    # --- Notifications

    @precondition(lambda self: self.process.subscriptions.undelivered)
    @rule(which=SOME, fates=st.lists(st.sampled_from(["deliver", "deliver", "again", "lose"]), min_size=1, max_size=4))
    def deliver_batches(self, which: int, fates: list[str]) -> None:
        undelivered = self.process.subscriptions.undelivered
        for fate in fates[: len(undelivered)]:
            if fate == "lose":
                undelivered.pop(which % len(undelivered))
            else:
                self.process.subscriptions.deliver(which % len(undelivered), again=fate == "again")
            self._settle()

    @rule(which=SOME)
    def notify_of_nothing(self, which: int) -> None:
        self.process.subscriptions.notify([self._who(which).id])

    # --- Users

    @rule(which=SOME, thread=st.none() | SOME, taken_up=st.booleans())
    def start(self, which: int, thread: int | None, taken_up: bool) -> None:
        person = self._who(which)
        if len(person.runs) >= MOST:
            return
        threads = [run.thread for run in person.runs]
        asked: dict[str, Any] = {
            "question": f"of {person.user.username}",
            "workload_id": None,
            "client_id": uuid.uuid4(),
            "thread_id": threads[thread % len(threads)] if threads and thread is not None else None,
        }
        if not person.active:
            with pytest.raises(NotAllowed):
                runs.start_run(connection(person.user), **asked, publish=publish_to_nobody)
            return
        run, _ = runs.start_run(connection(person.user), **asked, publish=publish_to_nobody)
        told = MachineRun(run.id, run.thread_id, asked["question"], asked["client_id"], person.standing)
        person.runs.append(told)
        person.log_event("run_queued", f"{run.id} {asked['question']}")
        if taken_up:
            self._claim(person, told)

    @rule(which=SOME, other=SOME)
    def start_again(self, which: int, other: int) -> None:
        """The same message again: of its own user the same run; of another, a run of theirs."""
        found = self._run(which, "running")
        if found is None or not (person := found[0]).active:
            return
        run = found[1]
        again, created = runs.start_run(
            connection(person.user),
            question=run.text,
            workload_id=None,
            client_id=run.client_id,
            publish=publish_to_nobody,
        )
        assert (again.id, created) == (run.id, False)
        foreign = self._who(other)
        if foreign is not person and foreign.active:
            with pytest.raises(NotFound):
                runs.start_run(
                    connection(foreign.user),
                    question="?",
                    workload_id=None,
                    thread_id=run.thread,
                    publish=publish_to_nobody,
                )

    @rule(which=SOME, other=SOME)
    def cancel(self, which: int, other: int) -> None:
        found = self._run(which, "running")
        if found is None:
            return
        person, run = found
        foreign = self._who(other)
        if foreign is not person:
            with pytest.raises(NotFound):
                runs.cancel_run(connection(foreign.user), run.id, publish=publish_to_nobody)
        if run.over:
            with pytest.raises(Conflict):
                runs.cancel_run(connection(person.user), run.id, publish=publish_to_nobody)
            return
        runs.cancel_run(connection(person.user), run.id, publish=publish_to_nobody)
        if run.state == "queued":
            self._end_run(person, run)
        elif not run.to_cancel:
            run.to_cancel = True
            person.log_event("run_cancel_requested", run.id)

    @rule(which=SOME, other=SOME)
    def erase(self, which: int, other: int) -> None:
        found = self._run(which, "over")
        if found is None:
            return
        person, thread = found[0], found[1].thread
        foreign = self._who(other)
        if foreign is not person:
            with pytest.raises(NotFound):
                delete_thread(foreign.id, thread, publish=publish_to_nobody)
        delete_thread(person.id, thread, publish=publish_to_nobody)
        gone = [run for run in person.runs if run.thread == thread]
        person.runs = [run for run in person.runs if run.thread != thread]
        for epoch in person.epochs.values():
            epoch.forget({str(thread), *(str(run.id) for run in gone)})
        person.log_event("thread_deleted", thread)

    # --- Workers

    @rule(which=SOME)
    def claim(self, which: int) -> None:
        found = self._run(which, "queued")
        if found is None:
            return
        self._claim(*found)

    def _claim(self, person: Person, run: MachineRun) -> None:
        if run.state != "queued" or person.busy(run.thread):
            return  # it has no waiting job, or its job waits in the lane of its conversation (tests/core/jobs)
        claim = run_queue.begin_run(claim_job(RUN, run.id).job, run_seconds=60, publish=publish_to_nobody)
        if not self._may(person, run):
            assert claim is None, "after a revoke something was taken up"
            self._end_run(person, run)
            return
        run.attempt += 1
        run.state = "running"
        assert claim is not None
        assert (claim.context.user_id, claim.context.attempt, claim.ask) == (person.id, run.attempt, run.text)
        self.contexts[run.id, run.attempt] = claim.context

    @rule(which=SOME, count=st.integers(1, 3), ends=st.sampled_from([0, 0, 0, 1, 2]), delivers=st.booleans())
    def say(self, which: int, count: int, ends: int, delivers: bool) -> None:
        """Emit events by any attempt that ever was. Their commit is awaited only if it ends (once or twice) or
        delivers the last batch at once."""
        said = self._attempt(which)
        self._emit_thoughts(*said, count)
        if ends:
            self._end(*said, ends)
        if delivers:
            self._settle()
        if delivers and self.process.subscriptions.undelivered:
            self.process.subscriptions.deliver(-1)
            self._settle()

    def _emit_thoughts(self, person: Person, run: MachineRun, attempt: int, count: int) -> None:
        self._settle()
        context = self.contexts[run.id, attempt]

        async def emit_thoughts() -> None:
            for _ in range(count):
                self.thoughts += 1
                thought = f"thought {self.thoughts} of {person.user.username}"
                event = AgentThinking(**build_agent_fields(context, "supervisor"), thought=thought)
                try:
                    await self.process.emitter(context).emit(event)
                except RunLost:
                    continue  # the one before was refused
                self.pending.append((person, run, attempt, thought))

        self.process.run(emit_thoughts())

    def _end(self, person: Person, run: MachineRun, attempt: int, times: int) -> None:
        context = self.contexts[run.id, attempt]
        self._foresee()
        mine = self._holds(person, run, attempt)
        if mine:
            self._end_run(person, run)
        event = AgentCompleted(
            **build_agent_fields(context, "supervisor"), outcome="completed", summary="", duration_ms=0
        )
        emitter = self.process.emitter(context)

        async def end_many_times() -> list[BaseException | None]:
            ends = [emitter.record(event) for _ in range(times)]
            return await asyncio.gather(*ends, return_exceptions=True)

        first, *second = self.process.run(end_many_times())
        assert (first is None) == mine
        assert all(isinstance(each, RunLost) for each in second)

    def _attempt(self, which: int) -> tuple[Person, MachineRun, int]:
        """Half of the time one that holds its run, else one that lost it to another, or any that ever was."""
        held = {(run.id, run.attempt) for person in self.people for run in person.runs if run.state == "running"}
        older = {key for key in self.contexts if any(key[0] == run_id and key[1] < last for run_id, last in held)}
        some = [key for key in self.contexts if key in (held, held, older, ())[which % 4]]
        chosen = some or list(self.contexts)
        run_id, attempt = chosen[which // 4 % len(chosen)]
        context = self.contexts[run_id, attempt]
        person = next(person for person in self.people if person.id == context.user_id)
        run = next((run for run in person.runs if run.id == run_id), None)
        return person, run or MachineRun(run_id, context.thread_id, "", run_id, 0, state="erased"), attempt

    @rule(which=SOME, taken_over=st.booleans())
    def lose_worker(self, which: int, taken_over: bool) -> None:
        found = self._run(which, "running")
        if found is None or found[1].state != "running":
            return
        person, run = found
        gives_up = count_losses(RUN, run.id) + 1 >= MAX_TRIES
        lose_workers(run.id)
        assert len(run_queue.recover_runs(publish=publish_to_nobody)) == 1
        if run.to_cancel or gives_up or not self._may(person, run):
            self._end_run(person, run)
        else:
            run.state = "queued"
            if taken_over:
                self._claim(person, run)
                self._emit_thoughts(person, run, run.attempt - 1, 1)  # it was only slow

    @rule()
    def renew(self) -> None:
        """Whose wish or loss of standing a worker learns of, and which runs are not its any more."""
        latest = dict(sorted(self.contexts, key=lambda key: key[1]))
        renewed = supervision.inspect_runs(latest)
        every = {run.id: (person, run) for person in self.people for run in person.runs}
        held = {each: every[each] for each in latest if each in every and every[each][1].state == "running"}
        ended = {each for each in latest if each in every and every[each][1].over}
        assert renewed.lost == latest.keys() - held.keys() - ended
        revoked = {each for each, (person, run) in held.items() if not self._may(person, run)}
        wanted = {each for each, (_, run) in held.items() if run.to_cancel}
        because = {each: stop.reason for each, stop in renewed.stops.items()}
        assert because == dict.fromkeys(wanted, "cancelled") | dict.fromkeys(revoked, "revoked")

    # --- Operators and other processes

    @rule(which=SOME, change=st.sampled_from(["active", "password"]))
    def revoke(self, which: int, change: str) -> None:
        """Or, where somebody was deactivated, let them in again."""
        person = next((each for each in self.people if not each.active), self._who(which))
        if change == "active" or not person.active:
            person.active = not person.active
            User.objects.filter(id=person.id).update(is_active=person.active)
        else:
            person.standing += 1
            User.objects.filter(id=person.id).update(password=f"password {person.standing}")
        gone = find_withdrawn_credentials(self.credentials.values())
        current = {
            each.id: credential_fingerprint(each.password) for each in User.objects.filter(id__in=self.credentials)
        }
        assert {each.user_id for each in gone} == {
            each.id
            for each in self.people
            if not each.active or self.credentials[each.id].fingerprint != current[each.id]
        }
        # As the look at open sockets does it.
        closed = {each.user_id for each in gone}
        self.process.leave([each for each in self.process.listeners if each.person.id in closed])
        for each in self.people:
            if each.active and each.id in closed:
                self.credentials[each.id] = self._credential(each)

    @rule(which=SOME, thread=SOME)
    def write_elsewhere(self, which: int, thread: int) -> None:
        """In another process, which notifies nobody here."""
        person = self._who(which)
        threads = [run.thread for run in person.runs] or [uuid.uuid4()]
        event = ThreadChanged(thread_id=threads[thread % len(threads)], title=f"title {uuid.uuid4().hex}")
        with transaction.atomic():
            append.append_events(person.id, event, publish=append.publish_to_nobody)
        person.log_event("thread_changed", f"{event.thread_id} {event.title}")

    @rule(which=SOME, upto=SOME, somebody_returns=st.booleans())
    def prune(self, which: int, upto: int, somebody_returns: bool) -> None:
        person, now = self._who(which), self._who(which).now
        last = upto % (len(now.log) + 1)
        going = [seq for seq, _ in now.list_kept() if seq <= last]
        retention.delete_events(person.id, Q(epoch=person.epoch, seq__lte=last))
        now.pruned |= set(going)
        now.floor = max([now.floor, *going])
        if somebody_returns:
            self.connect(which, 0, "first")

    @rule(which=SOME, together=st.booleans())
    def begin_anew(self, which: int, together: bool) -> None:
        """As after a restore: a new epoch, and nothing in it. It may be the same for all: whose a stream is, is not in
        its epoch."""
        self._settle()
        epoch = uuid.uuid4()
        for person in self.people if together else [self._who(which)]:
            person.epoch = epoch
            person.epochs[epoch] = Epoch()
            UserStream.objects.filter(owner_id=person.id).update(epoch=epoch, head=0, floor=0)

    # --- What follows

    def _may(self, person: Person, run: MachineRun) -> bool:
        return person.active and person.standing == run.standing

    def _holds(self, person: Person, run: MachineRun, attempt: int) -> bool:
        return run in person.runs and run.state == "running" and run.attempt == attempt

    def _end_run(self, person: Person, run: MachineRun) -> None:
        assert not run.over
        run.state = "over"
        person.log_event("end", run.id)

    def _foresee(self) -> None:
        """What was emitted comes to an end: told where the attempt still holds its run, refused where not."""
        for person, run, attempt, thought in self.pending:
            if self._holds(person, run, attempt):
                person.log_event("agent_thinking", f"{run.id} {thought}")
        self.pending.clear()

    def _settle(self) -> None:
        self._foresee()
        self.process.run(self.process.settle())

    @invariant()
    def nothing_went_wrong_in_a_client(self) -> None:
        for each in self.process.listeners:
            each.check()

    @invariant()
    def the_log_is_what_was_done(self) -> None:
        ids = [person.id for person in self.people]
        streams = UserStream.objects.filter(owner_id__in=ids).values_list("owner_id", "epoch", "head", "floor")
        heads = {owner_id: head for owner_id, *head in streams}
        events = Event.objects.filter(owner_id__in=ids).order_by("seq")
        rows: dict[tuple[uuid.UUID, uuid.UUID], list[Any]] = {}
        for owner_id, epoch, seq, payload in events.values_list("owner_id", "epoch", "seq", "payload"):
            rows.setdefault((owner_id, epoch), []).append((seq, self._understand((owner_id, epoch, seq), payload)))
        for person in self.people:
            assert heads[person.id] == [person.epoch, person.head.seq, person.now.floor]
            for epoch, there in person.epochs.items():
                assert rows.pop((person.id, epoch), []) == there.list_kept()
        assert not rows

    def _understand(self, place: tuple[uuid.UUID, uuid.UUID, int], payload: dict[str, Any]) -> LoggedEvent:
        """As the model knows a row: understood once, since rows are looked at after every step and hardly change."""
        before = self.understood.get(place)
        if before is None or before[0] != payload:
            before = self.understood[place] = (payload, to_model_event(EVENT_ADAPTER.validate_python(payload)))
        return before[1]

    @invariant()
    def a_run_ends_once(self) -> None:
        runs_of: dict[uuid.UUID, dict[uuid.UUID, str]] = {person.id: {} for person in self.people}
        for owner_id, run_id, state in Run.objects.filter(owner_id__in=runs_of).values_list("owner_id", "id", "state"):
            runs_of[owner_id][run_id] = state
        for person in self.people:
            ends = [what for epoch in person.epochs.values() for kind, what in epoch.log if kind == "end"]
            assert len(ends) == len(set(ends))
            states = runs_of[person.id]
            assert {each.id for each in person.runs} == states.keys()
            assert all((states[run.id] not in ("queued", "running")) == run.over for run in person.runs)

    def teardown(self) -> None:
        if not hasattr(self, "process"):
            return
        try:
            self._settle()
            self.process.run(self.process.calm())
        finally:
            self.process.close()
            User.objects.filter(id__in=[person.id for person in self.people]).delete()
