"""Logs that are made to take from others: readers, memory, the disk."""

from tests.mutation.changes import combine, remove, replace, return_only
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="one user may have every reader",
        of="workloads.import_queue:claim_import",
        change=combine(
            replace("Workload.objects.filter(~Exists(...), state=$state)", "Workload.objects.filter(state=$state)"),
            replace("$reading.count() > 1", "False"),
        ),
        caught_by=(
            "workloads/test_import_queue.py::test_a_user_has_one_reader_at_a_time_so_that_another_is_free_for_who_comes",
        ),
    ),
    Mutation(
        name="an upload's part is stored whatever the disk has left",
        of="workloads.storage:check_disk_reserve",
        change=replace("$free - $size < $reserve", "False"),
        caught_by=("workloads/test_uploads.py::test_the_reserve_is_kept_at_each_part_and_what_came_before_stays",),
    ),
    Mutation(
        name="long names are stored as they are",
        of="workloads.ingest.reading.staging:stage_cells",
        change=replace("_build_cell_sql($field)", "quote_identifier($field)"),
        caught_by=("workloads/test_bombs.py::test_a_number_that_is_cut_is_no_number",),
    ),
    Mutation(
        name="spend without an owner is left out of a dimension",
        of="workloads.analysis.allocation:_build_allocation_sql",
        change=replace("'priced'", "'priced WHERE team IS NOT NULL'"),
        caught_by=("workloads/analysis/test_allocation.py::test_each_dimension_sums_to_the_total",),
    ),
    Mutation(
        name="a smaller model is taken to cache shorter prefixes than it does",
        of="workloads.levers.repricing.smaller_requests:build_target",
        change=replace("terms.minimum > own_terms.minimum", "False"),
        caught_by=(
            "workloads/levers/test_right_size.py::test_a_smaller_model_that_does_not_cache_the_prefix_saves_nothing",
        ),
    ),
    Mutation(
        name="a FOCUS export is not the report's",
        of="workloads.focus.download:export_focus",
        change=replace("float(usage.total) != total", "False"),
        caught_by=("agents/api/test_calls.py::test_a_focus_export_that_would_not_be_the_reports_is_refused",),
    ),
    Mutation(
        name="what gzip unpacks to is not counted",
        of="workloads.ingest.detection:read_chunks",
        change=remove("check_unpacked(...)"),
        caught_by=("workloads/test_bombs.py::test_what_gzip_packed_is_unpacked_only_so_far",),
    ),
    Mutation(
        name="a gateway's cents are read as dollars",
        of="workloads.ingest.reading.rows:build_expressions",
        change=replace("mapping.format.cost_divisor", "1"),
        caught_by=("workloads/ingest/formats/test_gateways.py::test_portkeys_costs_are_in_cents",),
    ),
    Mutation(
        name="a row is read by one provider's names only",
        of="workloads.ingest.mapping:ColumnMapping.list_columns",
        change=replace("self.alternatives.get(field, ())", "()"),
        caught_by=(
            "workloads/ingest/formats/test_providers.py::test_one_log_may_hold_the_answers_of_several_providers",
        ),
    ),
    Mutation(
        name="cached tokens are taken out of Anthropic's input",
        of="workloads.ingest.reading.tokens:_is_anthropic",
        change=return_only("False"),
        caught_by=(
            "workloads/ingest/formats/test_providers.py"
            "::test_anthropics_input_excludes_cached_tokens_however_few_they_are",
        ),
    ),
    Mutation(
        name="a turn's model is not that of its calls",
        of="workloads.ingest.reading.staging:_carry_values",
        change=return_only("None"),
        caught_by=(
            "workloads/ingest/formats/test_coding.py::test_codexs_events_have_the_model_and_folder_of_their_turn",
        ),
    ),
    Mutation(
        name="a stated cost is never compared with ours",
        of="workloads.checks.stated_spend:_differs",
        change=return_only("False"),
        caught_by=("workloads/checks/test_stated_spend.py::test_one_model_does_not_hide_another",),
    ),
    Mutation(
        name="cents of an invoice are read as dollars",
        of="workloads.invoices.reading:_add_row",
        change=replace("amount * form.scale", "amount", everywhere=True),
        caught_by=("workloads/invoices/test_reading.py::test_anthropic_report_is_in_cents",),
    ),
    Mutation(
        name="what no cause explains of an invoice is hidden",
        of="workloads.invoices.reconcile:_rank",
        change=replace("residual - sum(by_words.values(), NOTHING)", "NOTHING"),
        caught_by=("workloads/invoices/test_reconcile.py::test_a_difference_without_a_cause_is_named_as_that",),
    ),
)
