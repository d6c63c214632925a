"""Rows reached without asking whose they are."""

from tests.mutation.changes import (
    add_to_module,
    combine,
    edit_text,
    get_anybodys,
    ignore_owner,
    remove,
    replace,
    return_only,
)
from tests.mutation.mutation import Mutation

# Only where there is a second wall.
ROW_SECURITY = (
    Mutation(
        name="a transaction names no user to PostgreSQL",
        of="core.db:as_user",
        change=replace("str($user_id)", "''"),
        caught_by=("core/row_security/test_policies.py::test_all_rows_are_those_of_the_user",),
        only_on="postgresql",
    ),
    Mutation(
        name="a user's transaction may use everybody's rows",
        of="core.db:as_user",
        change=replace("APPLICATION", "ALL_USERS"),
        caught_by=("core/row_security/test_policies.py::test_all_rows_are_those_of_the_user",),
        only_on="postgresql",
    ),
    Mutation(
        name="the writer may read everybody's rows",
        of="core.db:as_writer",
        change=replace("WRITER", "ALL_USERS"),
        caught_by=("core/row_security/test_writer.py::test_it_adds_events_of_any_user_and_reads_none",),
        only_on="postgresql",
    ),
    Mutation(
        name="a user stays on the connection after the transaction",
        of="core.db:",
        change=replace("NAME_USER = $text", "NAME_USER = $text.replace('true', 'false')"),
        caught_by=(
            "core/row_security/test_roles.py::test_a_connection_from_the_pool_has_neither_user_nor_role",
            "core/row_security/test_policies.py::test_a_broken_statement_leaves_no_user_behind",
        ),
        only_on="postgresql",
    ),
    Mutation(
        name="a user stays for the rest of the transaction around",
        of="core.db:_row_security",
        change=remove("cursor.execute($sql, [role_before, $user])"),
        caught_by=("core/row_security/test_policies.py::test_one_user_within_another_ends_with_its_block",),
        only_on="postgresql",
    ),
    Mutation(
        name="a superuser, to whom no policy applies, is taken for the application's role",
        of="netra.row_security_check:find_bypasses",
        change=return_only("()"),
        caught_by=("core/row_security/test_roles.py::test_a_superuser_is_refused",),
        only_on="postgresql",
    ),
)
MUTATIONS = (
    *ROW_SECURITY,
    Mutation(
        name="for_user filters nothing",
        of="core.models:OwnedQuerySet.for_user",
        change=return_only("self.all()"),
        caught_by=("core/test_models.py::test_for_user_returns_only_the_users_rows",),
        always=True,
    ),
    Mutation(
        name="get_for finds anybody's row",
        of="core.models:OwnedQuerySet.get_for",
        change=replace("self.for_user($user_id)", "self"),
        caught_by=("core/test_models.py::test_get_for_finds_a_row_only_for_its_owner",),
    ),
    Mutation(
        name="REST lists everybody's runs",
        of="agents.queries:list_runs",
        change=ignore_owner("Run"),
        caught_by=("agents/api/test_runs.py::test_another_users_run_is_not_found",),
    ),
    Mutation(
        name="REST shows anybody's run to whoever knows its id",
        of="agents.queries:get_run",
        change=replace(
            "list_runs($user_id).get_for($user_id, $pk)",
            "list_runs(Run.objects.get(pk=$pk).owner_id).get(pk=$pk)",
        ),
        caught_by=("agents/api/test_runs.py::test_another_users_run_is_not_found",),
    ),
    Mutation(
        name="REST shows anybody's answer to whoever knows its run's id",
        of="agents.queries:get_answer",
        change=ignore_owner("Step"),
        caught_by=("agents/api/test_runs.py::test_another_users_run_is_not_found",),
    ),
    Mutation(
        name="a follow-up question is read in the light of anybody's conversation",
        of="agents.history:load_earlier_questions",
        change=ignore_owner("Step"),
        caught_by=("agents/test_history.py::test_nothing_of_other_threads_or_users_is_returned",),
    ),
    Mutation(
        name="anybody's log can be compared with",
        of="agents.history:load_other_logs",
        change=edit_text("owner_id = %s", "(owner_id = %s OR true)"),
        caught_by=("agents/test_history.py::test_other_logs_are_the_users_own",),
    ),
    Mutation(
        name="a snapshot shows everybody's logs",
        of="realtime.api.stream:SnapshotView.get",
        change=ignore_owner("Workload"),
        caught_by=("realtime/api/test_snapshot.py::test_a_snapshot_has_no_data_of_other_users",),
    ),
    Mutation(
        name="anybody's conversation opens to whoever knows its id",
        of="agents.queries:get_thread_history",
        change=replace("list_threads($user_id).get_for($user_id, $pk)", "Thread.objects.get(pk=$pk)"),
        caught_by=("realtime/api/test_snapshot.py::test_a_snapshot_has_no_data_of_other_users",),
    ),
    Mutation(
        name="anybody's run can be cancelled",
        of="agents.runs:cancel_run",
        change=get_anybodys("Run.objects.select_for_update()"),
        caught_by=("agents/test_runs.py::test_another_users_run_cannot_be_cancelled",),
    ),
    Mutation(
        name="a run starts in anybody's conversation",
        of="agents.threads:update_thread",
        change=edit_text("owner_id = %s", "(owner_id = %s OR true)"),
        caught_by=("agents/test_runs.py::test_another_users_conversation_or_log_is_refused",),
    ),
    Mutation(
        name="a session opens any log by its id",
        of="workloads.log_record:find_log",
        change=edit_text("w.owner_id = %s", "(w.owner_id = %s OR true)"),
        caught_by=("isolation/test_two_users.py::test_a_log_opens_for_its_owner_only",),
    ),
    Mutation(
        name="a question is about anybody's log",
        of="agents.run_conditions:load_grounds",
        change=edit_text("w.owner_id = %s", "(w.owner_id = %s OR true)"),
        caught_by=("agents/test_runs.py::test_another_users_conversation_or_log_is_refused",),
    ),
    Mutation(
        name="what an earlier attempt found is taken from anybody",
        of="agents.queries:load_recorded_steps",
        change=ignore_owner("Step"),
        caught_by=("agents/test_queries.py::test_a_step_of_another_owner_is_not_resumed",),
    ),
    Mutation(
        name="kept answers in a cache of the module, keyed without the log",
        of="workloads.analysis.cache:AnswerCache._answers",
        change=combine(add_to_module("SHARED = {}"), replace("self._read(self._file)", "SHARED")),
        caught_by=("isolation/test_sessions.py::test_results_of_one_log_are_not_anothers",),
    ),
    Mutation(
        name="what a process keeps of logs is shared by their owners",
        of="workloads.kept_values:KeptValues.open",
        change=replace("(owner_id, workload_id)", "(workload_id, workload_id)"),
        caught_by=(
            "workloads/test_kept_values.py::test_what_is_kept_is_found_by_the_same_owner_log_and_state_only",
            "isolation/test_kept_values.py::test_nothing_that_is_kept_of_one_users_log_reaches_another",
        ),
    ),
    Mutation(
        name="what a process keeps of logs is shared by a user's logs",
        of="workloads.kept_values:KeptValues.open",
        change=replace("(owner_id, workload_id)", "(owner_id, owner_id)"),
        caught_by=("workloads/test_kept_values.py::test_what_is_kept_is_found_by_the_same_owner_log_and_state_only",),
    ),
    Mutation(
        name="what a process keeps of a log outlives it",
        of="workloads.kept_values:KeptValues.forget_deleted_logs",
        change=remove("self.forget(key)"),
        caught_by=("workloads/test_kept_values.py::test_logs_that_are_deleted_or_read_again_are_dropped[del]",),
    ),
    Mutation(
        name="anybody's invoice is compared",
        of="workloads.invoices.storage:find_invoice",
        change=combine(get_anybodys("Workload.objects"), ignore_owner("Invoice")),
        caught_by=("workloads/invoices/test_storage.py::test_it_is_only_the_owners",),
    ),
)
