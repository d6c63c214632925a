"""Typed queries: what they may take of the server, and what of their answers leaves the machine."""

from tests.mutation.changes import edit_text, get_anybodys, replace, return_only
from tests.mutation.mutation import Mutation

DISCLOSURE = "tools/test_query_disclosure.py::"

EDGES = "workloads/query/test_edges.py::"

MUTATIONS = (
    Mutation(
        name="a sum of money leaves out what is the same amount",
        of="workloads.query.measure:build_money",
        change=edit_text("sum(", "sum(DISTINCT "),
        caught_by=(f"{EDGES}test_requests_that_cost_the_same_count_each",),
    ),
    Mutation(
        name="a filter of a query is forgotten",
        of="workloads.query.sql:build_source",
        change=replace(
            "[build_condition(each, statement) for each in query.where if each.operator not in SHARE_OPERATORS]", "[]"
        ),
        caught_by=(f"{EDGES}test_a_filter_keeps_its_values_and_nothing_else",),
    ),
    Mutation(
        name="requests without a value are lost where a value is excluded",
        of="workloads.query.sql:_build_membership",
        change=edit_text(", false)", ", NULL)"),
        caught_by=(f"{EDGES}test_a_filter_keeps_its_values_and_nothing_else",),
    ),
    Mutation(
        name="a period has the first moment after it",
        of="workloads.query.sql:build_source",
        change=edit_text("local_at < ", "local_at <= "),
        caught_by=(f"{EDGES}test_a_period_has_its_first_moment_and_not_the_one_after_it",),
    ),
    Mutation(
        name="a query may be about anybody's log",
        of="workloads.log_queries:answer_query",
        change=get_anybodys("Workload.objects"),
        caught_by=("workloads/api/test_queries.py::test_a_query_is_about_the_users_own_log",),
    ),
    Mutation(
        name="the first groups of each value are those of all values",
        of="workloads.query.sql:_build_limit_each",
        change=edit_text("PARTITION BY d0 ", ""),
        caught_by=(f"{EDGES}test_each_value_has_first_groups_of_its_own",),
    ),
    Mutation(
        name="a part of a question that was not understood is dropped in silence",
        of="agents.language.rules.unread:list_unread",
        change=return_only("()"),
        caught_by=("agents/answers/test_whole_questions.py::test_what_is_not_understood_is_said",),
    ),
    Mutation(
        name="a part of a question that its answer leaves out is dropped in silence",
        of="agents.language.coverage.checks:_has_trace",
        change=return_only("True"),
        caught_by=("agents/language/test_coverage.py::test_what_left_no_trace_is_found",),
    ),
    Mutation(
        name="a limit that may not hold is said to hold",
        of="agents.answers.verdicts:_decide_forecast",
        change=replace("forecast.high <= limit or forecast.low > limit", "True"),
        caught_by=("agents/answers/test_verdicts.py::test_a_limit_within_the_range_is_not_certain",),
    ),
    Mutation(
        name="a query over REST may take as long as a run",
        of="workloads.child_process:fit_request",
        change=replace("min(fitted.seconds, seconds)", "fitted.seconds"),
        caught_by=("workloads/test_child_process_limits.py::test_what_a_request_asks_has_the_seconds_of_the_request",),
    ),
    Mutation(
        name="one user's computations have all slots",
        of="core.concurrency.background:ThreadSlots._is_next",
        change=replace("self._used[each.key] < self._slots_per_key", "True"),
        caught_by=("core/concurrency/test_thread_slots.py::test_one_user_has_one_slot_and_another_finds_one",),
    ),
    Mutation(
        name="a request keeps its turn while another process computes for it",
        of="core.api.views:_release_turn",
        change=return_only("None"),
        caught_by=("netra/server/test_neighbours.py::test_computations_of_two_users_leave_requests_to_everybody",),
    ),
    Mutation(
        name="a number of a query may take a gigabyte to be written",
        of="workloads.query.validation:_check_number",
        change=replace("abs($exponent) > MAX_DECIMALS", "False"),
        caught_by=("workloads/query/test_hostile.py::test_no_number_takes_a_gigabyte_to_be_written",),
    ),
    Mutation(
        name="the answer of a query brings the folder of a deleted log back",
        of="workloads.analysis.cache:AnswerCache._save_query",
        change=replace("file.parent.mkdir(mode=448, exist_ok=True)", "file.parent.mkdir(parents=True, exist_ok=True)"),
        caught_by=(
            "workloads/analysis/test_cache.py::test_an_answer_that_is_ready_after_the_deletion_is_kept_nowhere",
        ),
    ),
    Mutation(
        name="a remote model gets the names in a query's rows that a look-up does not find",
        of="tools.disclosure:_hide_columns",
        change=return_only("row"),
        caught_by=(f"{DISCLOSURE}test_a_value_is_sent_only_if_its_kind_is_declared[short-team]",),
    ),
    Mutation(
        name="a remote model gets the names behind a change that a look-up does not find",
        of="tools.disclosure:_hide_field",
        change=return_only("value"),
        caught_by=(f"{DISCLOSURE}test_a_value_is_sent_only_if_its_kind_is_declared[short-team]",),
    ),
    Mutation(
        name="a remote model gets the values of filters on columns of the user's own",
        of="tools.disclosure:_hide_filters",
        change=return_only("value"),
        caught_by=(f"{DISCLOSURE}test_a_value_is_sent_only_if_its_kind_is_declared[short-department]",),
    ),
    Mutation(
        name="earlier answers tell a remote model values of columns of the user's own",
        of="tools.disclosure:Disclosure.redact_text",
        change=replace("(self.find_private, self.find_kept)", "(self.find_private,)"),
        caught_by=("tools/test_disclosure.py::test_a_text_about_the_log_has_no_values_of_the_users_own_columns",),
    ),
    Mutation(
        name="what explains a change takes the square of the number of groups",
        of="workloads.query.change.effects:_round_term",
        change=return_only("amount"),
        caught_by=("workloads/query/test_changes.py::test_the_work_grows_with_the_number_of_groups",),
    ),
    Mutation(
        name="answers that compare a log with a deleted one stay",
        of="agents.user_data:_filter_runs_about",
        change=return_only("Q(workload_id=workload_id)"),
        caught_by=("agents/test_user_data.py::test_deleting_a_log_deletes_what_compared_others_with_it",),
    ),
    Mutation(
        name="another log of the user's is priced without the operator's prices",
        of="workloads.analysis.session:AnalysisSession.ask_about",
        change=replace("self._price_file", "None"),
        caught_by=("workloads/analysis/test_session.py::test_another_log_is_priced_by_the_operators_file_too",),
    ),
)
