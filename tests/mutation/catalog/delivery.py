"""The way of an event to its user: emitters, subscriptions, groups, sockets."""

from tests.mutation.changes import add_to_module, combine, remove, replace, return_only
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="one group for all users",
        of="realtime.broadcast:to_group_name",
        change=return_only("'user.all'"),
        caught_by=("realtime/test_subscriptions.py::test_each_user_has_their_own_group",),
    ),
    Mutation(
        name="the group of another user is rung",
        of="realtime.broadcast:ChannelLayerNotifier._make_notification",
        change=replace("to_group_name($user_id)", "to_group_name(UUID(int=0))"),
        caught_by=("realtime/test_notifier.py::test_a_commit_notifies_other_processes_for_that_user_only",),
    ),
    Mutation(
        name="a user's batch goes to every listener",
        of="realtime.subscriptions:StreamSubscriptions.publish",
        change=replace("self._by_user.get($user_id)", "set().union(*self._by_user.values())"),
        caught_by=("realtime/test_subscriptions.py::test_a_batch_reaches_that_users_listeners_only",),
        always=True,
    ),
    Mutation(
        name="a batch that does not go on from here is sent all the same",
        of="realtime.subscriptions:StreamSubscription.next_batch",
        change=replace("$batch.epoch == position.epoch and $batch.after == position.seq", "True"),
        caught_by=("realtime/test_subscriptions.py::test_a_batch_that_does_not_follow_is_a_gap",),
    ),
    Mutation(
        name="a socket follows whoever came first",
        of="realtime.delivery:follow_stream",
        change=replace(
            "$database.run(user_id, read_after, user_id, ...)",
            "$database.run(user_id, read_after, subscriptions.user_ids()[0], ...)",
        ),
        caught_by=("realtime/test_two_sockets.py::test_each_socket_continues_from_its_own_position",),
    ),
    Mutation(
        name="another's cursor: where a socket stands is shared",
        of="realtime.consumer:ChatConsumer._serve_user",
        change=replace("self._start_position = $position", "type(self)._start_position = $position"),
        caught_by=("realtime/test_two_sockets.py::test_each_socket_continues_from_its_own_position",),
    ),
    Mutation(
        name="one window for all sockets",
        of="realtime.delivery:StreamSender.__init__",
        change=replace("SendWindow()", "self._subscriptions.__dict__.setdefault('window', SendWindow())"),
        caught_by=("realtime/test_two_sockets.py::test_a_socket_that_does_not_acknowledge_blocks_no_other",),
    ),
    Mutation(
        name="the window is never full",
        of="realtime.flow_control:SendWindow._adjust",
        change=replace("self._has_room.clear()", "self._has_room.set()"),
        caught_by=("realtime/test_flow_control.py::test_the_window_is_limited_by_events_and_bytes_until_acknowledged",),
    ),
    Mutation(
        name="no look at whose news it is before it leaves",
        of="realtime.delivery:StreamSender.send_from",
        change=replace("$batch.user_id != self._context.user_id", "False"),
        caught_by=("realtime/test_foreign_batches.py::test_a_foreign_batch_is_not_sent",),
        always=True,
    ),
    Mutation(
        name="what the last look stopped is not recorded",
        of="realtime.delivery:StreamSender.send_from",
        change=remove("await self._report_foreign_batch(...)"),
        caught_by=("realtime/test_foreign_batches.py::test_a_foreign_batch_is_not_sent",),
    ),
    Mutation(
        name="an emitter takes events of other runs",
        of="realtime.emitter:UserWebSocketEmitter._check",
        change=replace(
            "(event.run_id, event.thread_id, event.attempt) != ($context.run_id, $context.thread_id, $context.attempt)",
            "event.attempt != $context.attempt",
        ),
        caught_by=("realtime/test_emitter.py::test_an_event_of_another_run_is_refused",),
    ),
    Mutation(
        name="one emitter for all runs",
        of="realtime.emitter:WebSocketBridgeFactory.for_context",
        change=replace("UserWebSocketEmitter(...)", "self.__dict__.setdefault('emitter', UserWebSocketEmitter(...))"),
        caught_by=("realtime/test_emitter.py::test_events_of_many_users_are_kept_apart",),
    ),
    Mutation(
        name="events go along with whoever's item waits",
        of="realtime.emitter:UserWebSocketEmitter",
        change=combine(
            add_to_module("from types import SimpleNamespace\nSHARED = SimpleNamespace(job=None, events=[])"),
            remove("self._open_job: $type = None"),
            remove("self._open_events: $type = []"),
            replace("self._open_job", "SHARED.job", everywhere=True),
            replace("self._open_events", "SHARED.events", everywhere=True),
        ),
        caught_by=("realtime/test_emitter.py::test_events_of_many_users_are_kept_apart",),
    ),
    Mutation(
        name="an end's item takes along what comes after it",
        of="realtime.emitter:UserWebSocketEmitter.emit",
        change=replace("type(event) not in SEPARATE_EVENTS", "True"),
        caught_by=("realtime/test_emitter.py::test_concurrent_events_are_stored_together_and_later_ones_are_lost",),
    ),
    Mutation(
        name="one user's storm may have every place",
        of="core.concurrency.fair_semaphore:FairSemaphore._has_free_slot",
        change=replace("self._used_by_key[$key] < self._slots_per_key", "True"),
        caught_by=(
            "core/concurrency/test_fair_semaphore.py::test_no_user_gets_all_slots_and_a_late_user_finds_one",
            "core/concurrency/test_database_threads.py::test_one_users_blocked_work_leaves_a_thread_to_another",
        ),
    ),
    Mutation(
        name="acknowledgements are free of the allowance",
        of="netra.server.websockets:FrameThrottle.process_data",
        change=replace("self._is_counted() and not self._limiter.take()", "False"),
        caught_by=("realtime/rate_limits/test_frame_limiter.py::test_frames_beyond_the_allowance_are_not_parsed",),
    ),
    Mutation(
        name="an emitter reads its context from a context variable",
        of="realtime.emitter:UserWebSocketEmitter",
        change=combine(
            add_to_module("from contextvars import ContextVar\nCURRENT = ContextVar('context')"),
            replace("self._context = $context", "CURRENT.set($context)"),
            replace("self._context", "CURRENT.get()", everywhere=True),
        ),
        caught_by=("realtime/test_emitter.py::test_two_runs_of_a_user_have_separate_emitters",),
    ),
)
