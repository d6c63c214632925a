"""The stream as it is stored and read."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="the stream is read without its owner",
        file="core/stream/append.py",
        edits=(
            (
                "WHERE owner_id = %s AND epoch",
                "WHERE (owner_id = %s OR 1 = 1) AND epoch",
            ),
        ),
        caught_by=("core/test_stream.py::test_streams_of_one_epoch_stay_apart",),
        always=True,
    ),
    Bug(
        name="the stream is read across epochs",
        file="core/stream/append.py",
        edits=(("if position.epoch != now.epoch or not now.floor", "if not now.floor"),),
        caught_by=("core/test_stream.py::test_a_new_epoch_is_resynced",),
    ),
    Bug(
        name="the floor is ignored: a part of a stream is given as the whole",
        file="core/stream/append.py",
        edits=(("not now.floor <= position.seq", "not 0 <= position.seq"), (" or position.seq < after.floor:", ":")),
        caught_by=("core/test_stream.py::test_a_position_before_what_is_kept_is_no_position",),
    ),
    Bug(
        name="no second look at the floor: what is pruned while it is read is missing",
        file="core/stream/append.py",
        edits=(("if after.epoch != now.epoch or position.seq < after.floor:", "if after is None:"),),
        caught_by=("core/test_stream.py::test_what_is_pruned_while_it_is_read_is_no_partial_answer",),
    ),
    Bug(
        name="an event is stored although its change is undone",
        file="core/stream/append.py",
        edits=(("    if not connection.in_atomic_block:\n", "    if connection is None:\n"),),
        caught_by=("core/test_stream.py::test_it_refuses_to_append_outside_a_transaction",),
    ),
    Bug(
        name="an event can be changed after it was sent",
        file="core/events.py",
        edits=(("ConfigDict(frozen=True, extra=", "ConfigDict(extra="),),
        caught_by=("core/test_events.py::test_an_event_cannot_be_changed",),
    ),
    Bug(
        name="what is stored is not what was told",
        file="core/stream/append.py",
        edits=(("events[user], batch.payloads)", "events[user], [text.upper() for text in batch.payloads])"),),
        caught_by=("core/test_appended.py::test_what_is_told_at_once_is_what_is_read_later",),
    ),
    Bug(
        name="secrets are not taken out of what is told",
        file="core/stream/append.py",
        edits=(("all_scrubbed({", "(lambda told, _: dict(told))({"),),
        caught_by=("core/test_appended.py::test_a_secret_is_neither_told_nor_stored",),
    ),
)
