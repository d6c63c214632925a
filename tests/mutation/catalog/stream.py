"""The stream as it is stored, published and read."""

from tests.mutation.changes import combine, drop_keyword, edit_text, remove, replace, return_only
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="the stream is read without its owner",
        of="core.stream.read:select_payloads",
        change=edit_text("owner_id = %s", "(owner_id = %s OR 1 = 1)"),
        caught_by=("core/stream/test_read.py::test_streams_with_the_same_epoch_are_kept_apart",),
        always=True,
    ),
    Mutation(
        name="the stream is read across epochs",
        of="core.stream.read:read_after",
        change=replace("position.epoch != $head.epoch", "False"),
        caught_by=("core/stream/test_read.py::test_a_new_epoch_is_resynced",),
    ),
    Mutation(
        name="the floor is ignored: a part of a stream is given as the whole",
        of="core.stream.read:read_after",
        change=combine(
            replace("$head.floor <= position.seq <= $head.head", "0 <= position.seq <= $head.head"),
            replace("position.seq < $later.floor", "False"),
        ),
        caught_by=("core/stream/test_read.py::test_a_position_before_the_retained_events_is_resynced",),
    ),
    Mutation(
        name="no second look at the floor: what is pruned while it is read is missing",
        of="core.stream.read:read_after",
        change=replace("$later.epoch != $head.epoch or position.seq < $later.floor", "False"),
        caught_by=("core/stream/test_read.py::test_events_pruned_during_a_read_cause_a_resync",),
    ),
    Mutation(
        name="an event is stored although its change is undone",
        of="core.stream.append:append_events_by_user",
        change=replace("connection.in_atomic_block", "True"),
        caught_by=("core/stream/test_read.py::test_appending_outside_a_transaction_is_refused",),
    ),
    Mutation(
        name="an event can be changed after it was sent",
        of="core.events:BaseEvent",
        change=drop_keyword("frozen"),
        caught_by=("core/test_events.py::test_an_event_cannot_be_changed",),
    ),
    Mutation(
        name="what is stored is not what was told",
        of="core.stream.append:append_events_by_user",
        change=replace("$batch.payloads", "[payload.upper() for payload in $batch.payloads]"),
        caught_by=("core/stream/test_append.py::test_published_events_equal_the_stored_ones",),
    ),
    Mutation(
        name="secrets are not taken out of what is told",
        of="core.stream.append:_serialize_events",
        change=replace("redact_all($texts, get_redactable_part)", "$texts"),
        caught_by=("core/stream/test_append.py::test_a_secret_is_neither_published_nor_stored",),
    ),
    Mutation(
        name="secrets are not taken out of a result that several events show",
        of="core.stream.prepared_json:PreparedJson.text",
        change=replace("redact($text)", "$text"),
        caught_by=("core/stream/test_prepared_json.py::test_it_is_stored_and_told_as_a_result_that_is_not_prepared",),
    ),
    Mutation(
        name="an event is not searched for secrets because its result was",
        of="core.stream.prepared_json:PreparedToolCompleted.to_text",
        change=replace("return $rest[:-1], $text", "return '', $rest[:-1] + $text"),
        caught_by=("core/stream/test_prepared_json.py::test_its_other_fields_are_searched_for_secrets",),
    ),
    Mutation(
        name="events are stored and not published",
        of="core.stream.append:append_events_by_user",
        change=remove("transaction.on_commit($notify, robust=True)"),
        caught_by=("realtime/test_publish.py::test_published_batches_equal_the_stored_events",),
    ),
    Mutation(
        name="events are published before they are committed",
        of="core.stream.append:append_events_by_user",
        change=replace("transaction.on_commit($notify, robust=True)", "publish(batches)"),
        caught_by=("realtime/test_publish.py::test_a_rolled_back_batch_is_not_published",),
    ),
    Mutation(
        name="a change that cannot be published fails although it is committed",
        of="core.stream.append:append_events_by_user",
        change=drop_keyword("robust"),
        caught_by=("realtime/test_publish.py::test_a_failed_publish_does_not_fail_the_commit",),
    ),
    Mutation(
        name="a renamed conversation is published to nobody",
        of="agents.threads:rename_thread",
        change=replace("append.append_events(..., publish=publish)", "append.append_events(..., publish=print)"),
        caught_by=("realtime/test_publish.py::test_published_batches_equal_the_stored_events",),
    ),
    Mutation(
        name="a run that the worker ends is published to nobody",
        of="agents.worker:RunWorker.handle_job",
        change=drop_keyword("publish"),
        caught_by=("realtime/test_publish.py::test_publish_is_passed_on_wherever_a_function_takes_it",),
    ),
    Mutation(
        name="REST publishes to nobody",
        of="core.api.views:get_publish",
        change=return_only("publish_to_nobody"),
        caught_by=("realtime/test_publish.py::test_a_rename_over_rest_reaches_another_tab",),
    ),
)
