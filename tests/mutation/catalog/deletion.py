"""Deletion, pruning and export."""

from tests.mutation.changes import combine, ignore_owner, remove, replace
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="erasing leaves a run's events",
        of="agents.user_data:_delete_run_events_and_results",
        change=remove("Event.objects.for_user($user_id).filter(...).delete()"),
        caught_by=("agents/test_user_data.py::test_a_deleted_conversation_leaves_only_its_event",),
    ),
    Mutation(
        name="anybody's conversation can be deleted",
        of="agents.locks:lock_threads",
        change=ignore_owner("Thread"),
        caught_by=("agents/test_user_data.py::test_another_users_conversation_cannot_be_deleted",),
    ),
    Mutation(
        name="a deletion does not wait for who writes its runs",
        of="agents.user_data:delete_thread",
        change=combine(
            replace("lock_runs($user_id, $which)", "tuple(Run.objects.filter($which).values_list('id', flat=True))"),
            remove("lock_head(...)"),
        ),
        caught_by=("agents/test_deletion_races.py::test_events_stored_during_a_deletion_are_deleted[conversation]",),
        only_on="postgresql",
    ),
    Mutation(
        name="a deletion has the stream before its runs",
        of="agents.locks:lock_runs",
        change=replace("_lock_rows($rows)", "tuple($rows.values_list('id', flat=True))"),
        caught_by=("agents/test_deletion_races.py::test_deletions_do_not_deadlock",),
        only_on="postgresql",
    ),
    Mutation(
        name="a deletion has its events before the stream",
        of="agents.user_data:delete_thread",
        change=remove("lock_head(...)"),
        caught_by=("agents/test_deletion_races.py::test_deletions_do_not_deadlock",),
        only_on="postgresql",
    ),
    Mutation(
        name="a question that was deleted goes on as its conversation's title",
        of="agents.user_data:delete_workload",
        change=remove("replace_deleted_title(...)"),
        caught_by=("agents/test_deletion_races.py::test_a_title_from_a_deleted_question_is_replaced_by_the_next",),
    ),
    Mutation(
        name="pruning does not move the floor",
        of="core.stream.retention:_delete_batch",
        change=replace("$streams.update(floor=$floor)", "$streams.update(floor=0)"),
        caught_by=("agents/test_retention.py::test_a_position_before_pruned_events_is_resynced",),
    ),
    Mutation(
        name="an export holds everybody's reports",
        of="accounts.export:_iter_reports",
        change=ignore_owner("Step", everywhere=True),
        caught_by=("accounts/test_export.py::test_no_report_of_another",),
    ),
)
