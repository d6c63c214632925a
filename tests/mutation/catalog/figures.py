"""Figures that a log cannot tell, and rows that it has twice."""

from tests.mutation.changes import edit_text, replace, return_only
from tests.mutation.mutation import Mutation

GRANULARITY = "workloads/analysis/test_granularity.py::"
ROW_KINDS = "workloads/ingest/reading/test_row_kinds.py::"

MUTATIONS = (
    Mutation(
        name="a saving that depends on single requests is promised for sums",
        of="workloads.levers.base:estimate_saving",
        change=replace("explain_aggregation(log) if lever.per_request else None", "None"),
        caught_by=(f"{GRANULARITY}test_on_sums_every_lever_that_rests_on_requests_is_unknown",),
    ),
    Mutation(
        name="sums have the price of prompts as long as they are",
        of="workloads.ingest.log_names",
        change=edit_text("CASE WHEN is_sum THEN 0 ELSE", "CASE WHEN false THEN 0 ELSE"),
        caught_by=("workloads/pricing/test_purchases.py::test_a_sum_of_requests_has_the_price_of_short_prompts",),
    ),
    Mutation(
        name="sums beside long prompts have the price of long prompts",
        of="workloads.pricing.priced_view",
        change=edit_text("CASE WHEN r.is_sum THEN 0 ELSE", "CASE WHEN false THEN 0 ELSE"),
        caught_by=("workloads/pricing/test_purchases.py::test_a_sum_beside_long_prompts_has_the_price_of_short_ones",),
    ),
    Mutation(
        name="sums have percentiles",
        of="workloads.query.missing:explain_missing_measure",
        change=replace("(reason := explain_aggregation(log))", "(reason := None)"),
        caught_by=("workloads/query/test_measuring.py::test_sums_are_weights_and_have_no_percentile",),
    ),
    Mutation(
        name="levers for immediate requests count what is a batch",
        of="workloads.analysis.log_state",
        change=edit_text("service_tier IS NOT DISTINCT FROM 'batch' AS is_batched", "false AS is_batched"),
        caught_by=("workloads/levers/test_prompt_cache.py::test_failures_and_batches_warm_no_cache",),
    ),
    Mutation(
        name="totals without a name are counted beside their parts",
        of="workloads.ingest.reading.totals.total_rows:_select_with_gaps",
        change=return_only("()"),
        caught_by=(f"{ROW_KINDS}test_rows_without_a_name_that_sum_up_those_with_one_are_totals",),
    ),
    Mutation(
        name="months are counted beside their days",
        of="workloads.ingest.reading.kept_columns:list_longer_periods",
        change=return_only("()"),
        caught_by=(f"{ROW_KINDS}test_periods_that_consist_of_shorter_ones_are_counted_once",),
    ),
    Mutation(
        name="tokens of an unknown kind are lost",
        of="workloads.ingest.reshaping.long_tables:_read_meanings",
        change=replace("None in $fields.values()", "False"),
        caught_by=("workloads/ingest/reshaping/test_long_tables.py::test_what_is_not_understood_is_refused",),
    ),
)
