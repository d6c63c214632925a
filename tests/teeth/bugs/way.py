"""The way of an event to its user: emitters, doorbells, groups, sockets."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="one group for all users",
        file="realtime/broadcast.py",
        edits=(('return f"user.{user_id.hex}"', 'return "user.all"'),),
        caught_by=("realtime/test_doorbell.py::test_each_user_has_a_group_of_their_own",),
    ),
    Bug(
        name="the group of another user is rung",
        file="realtime/broadcast.py",
        edits=(("Ring(user_group(user_id), bell", "Ring(user_group(UUID(int=0)), bell"),),
        caught_by=("realtime/test_ringer.py::test_what_one_process_writes_rings_in_the_other_for_that_user_only",),
    ),
    Bug(
        name="a user's batch goes to every listener",
        file="realtime/subscriptions.py",
        edits=(
            (
                "            waiting = self._waiting.get(user_id)\n",
                "            waiting = set().union(*self._waiting.values())\n",
            ),
        ),
        caught_by=("realtime/test_doorbell.py::test_a_batch_reaches_that_users_listeners_only",),
        always=True,
    ),
    Bug(
        name="a batch that does not go on from here is sent all the same",
        file="realtime/subscriptions.py",
        edits=(("if batch.epoch == position.epoch and batch.after == position.seq:", "if batch is not None:"),),
        caught_by=("realtime/test_doorbell.py::test_a_batch_that_does_not_go_on_from_here_is_a_gap",),
    ),
    Bug(
        name="a socket follows whoever came first",
        file="realtime/delivery.py",
        edits=(("read_after, user_id, position", "read_after, doorbells.users()[0], position"),),
        caught_by=("realtime/test_two_sockets.py::test_each_goes_on_from_its_own_position",),
    ),
    Bug(
        name="another's cursor: where a socket stands is shared",
        file="realtime/consumer.py",
        edits=(
            (
                "    self._start = await self",
                "    type(self)._start = await self",
            ),
        ),
        caught_by=("realtime/test_two_sockets.py::test_each_goes_on_from_its_own_position",),
    ),
    Bug(
        name="one window for all sockets",
        file="realtime/delivery.py",
        edits=(
            (
                "self.window = Window()\n",
                "self.window = doorbells.__dict__.setdefault(0, Window())\n",
            ),
        ),
        caught_by=("realtime/test_two_sockets.py::test_one_that_does_not_acknowledge_holds_up_no_other",),
    ),
    Bug(
        name="the window is never full",
        file="realtime/flow_control.py",
        edits=(("            self._open.clear()\n", "            self._open.set()\n"),),
        caught_by=(
            "realtime/test_window.py::test_it_is_full_of_events_or_of_bytes_and_open_again_once_they_are_acknowledged",
        ),
    ),
    Bug(
        name="no look at whose news it is before it leaves",
        file="realtime/delivery.py",
        edits=(("if told.user_id != self._caller.user_id:", "if told.user_id is None:"),),
        caught_by=("realtime/test_last_look.py::test_news_of_another_never_leaves",),
        always=True,
    ),
    Bug(
        name="what the last look stopped is not recorded",
        file="realtime/delivery.py",
        edits=(("                    await self._astray(told.user_id)\n", ""),),
        caught_by=("realtime/test_last_look.py::test_news_of_another_never_leaves",),
    ),
    Bug(
        name="an emitter takes events of other runs",
        file="realtime/emitter.py",
        edits=(
            (
                "(event.run_id, event.thread_id, event.attempt) != (mine.run_id, mine.thread_id, mine.attempt):",
                "event.attempt != mine.attempt:",
            ),
        ),
        caught_by=("realtime/test_emitter.py::test_it_refuses_an_event_of_another_run",),
    ),
    Bug(
        name="one emitter for all runs",
        file="realtime/emitter.py",
        edits=(
            (
                "        return UserWebSocketEmitter(context, self._writer)",
                '        return self.__dict__.setdefault("one", UserWebSocketEmitter(context, self._writer))',
            ),
        ),
        caught_by=("realtime/test_emitter.py::test_events_of_many_users_stay_with_their_own",),
    ),
    Bug(
        name="events go along with whoever's item waits",
        file="realtime/emitter.py",
        edits=(
            ("class UserWebSocketEmitter:\n", "class UserWebSocketEmitter:\n    _waiting, _together = None, []\n\n"),
            ("        self._waiting: Job | None = None", "        waiting: Job | None = None"),
            ("        self._together: list[Event] = []\n", ""),
            (
                "            self._waiting, self._together = job, together\n",
                "            UserWebSocketEmitter._waiting, UserWebSocketEmitter._together = job, together\n",
            ),
            ("        self._waiting = None\n", "        UserWebSocketEmitter._waiting = None\n"),
        ),
        caught_by=("realtime/test_emitter.py::test_events_of_many_users_stay_with_their_own",),
    ),
    Bug(
        name="an end's item takes along what comes after it",
        file="realtime/emitter.py",
        edits=(
            (
                "        job = await self._submit(self._item(together), None)\n        if company:\n",
                "        job = await self._submit(self._item(together), None)\n        if True:\n",
            ),
            ("company = type(event) not in ALONE", "company = True"),
        ),
        caught_by=(
            "realtime/test_emitter.py::test_what_is_said_together_is_stored_together_and_what_comes_after_an_end_is_lost",
        ),
    ),
    Bug(
        name="one user's storm may have every place",
        file="core/fair_semaphore.py",
        edits=((" and self._taken[key] < self._of_one", ""),),
        caught_by=(
            "core/test_turns.py::test_nobody_has_all_places_and_who_comes_late_finds_one",
            "core/test_databasework.py::test_one_users_work_at_a_gate_leaves_a_thread_to_another",
        ),
    ),
    Bug(
        name="acknowledgements are free of the allowance",
        file="netra/server/websockets.py",
        edits=(("        if self._costs() and not self._inflow.take():", "        if False:"),),
        caught_by=("realtime/test_inflow.py::test_what_is_not_allowed_is_neither_parsed_nor_read",),
    ),
    Bug(
        name="an emitter reads its context from a context variable",
        file="realtime/emitter.py",
        edits=(
            (
                "class UserWebSocketEmitter:\n",
                'from contextvars import ContextVar\n\nCURRENT = ContextVar("current")\n\n\n'
                "class UserWebSocketEmitter:\n    _context = property(lambda self: CURRENT.get())\n\n",
            ),
            ("        self._context = context\n", "        CURRENT.set(context)\n"),
        ),
        caught_by=("realtime/test_emitter.py::test_two_runs_of_one_user_have_an_emitter_each",),
    ),
)
