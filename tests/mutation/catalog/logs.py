"""Logs that are made to take from others: readers, memory, the disk."""

from tests.mutation.changes import remove, replace, return_only
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="one user may have every reader",
        of="workloads.import_queue:build_job",
        change=replace(
            "Job(..., owner=$owner)", "Job(kind=kind, key=str(workload.id), owner=workload.owner_id, at_once=9)"
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
        name="a copy of a log is taken away from its reader",
        of="core.objects.cache:FileCache._take_away",
        change=replace("fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB"),
        caught_by=("core/objects/test_cache.py::test_a_copy_that_is_held_stays_until_it_is_released",),
    ),
    Mutation(
        name="whatever the object store returns is read",
        of="workloads.files.objects:check_digest",
        change=replace("digest != expected", "False"),
        caught_by=(
            "workloads/files/test_stored_files.py::test_bytes_that_are_not_those_that_were_stored_are_not_read",
        ),
    ),
    Mutation(
        name="a deleted log's objects stay",
        of="workloads.files.stored:StoredLogFiles.delete_files",
        change=remove("object_jobs.queue_deletion(...)"),
        caught_by=(
            "workloads/files/test_stored_files.py::"
            "test_a_deleted_log_is_gone_when_the_store_is_back_and_its_neighbours_stay",
        ),
    ),
    Mutation(
        name="objects that rows name are removed as orphans",
        of="workloads.files.orphans:_is_named",
        change=replace("name in log.parts", "False"),
        caught_by=("workloads/files/test_stored_files.py::test_what_no_row_names_is_an_orphan_after_an_hour",),
    ),
    Mutation(
        name="long names are stored as they are",
        of="workloads.ingest.reading.staging:stage_cells",
        change=replace("_build_cell_sql(mapping, $field)", "quote_identifier($field)"),
        caught_by=("workloads/test_bombs.py::test_a_number_that_is_cut_is_no_number",),
    ),
    Mutation(
        name="spend without an owner is left out of a dimension",
        of="workloads.analysis.allocation:_build_allocation_sql",
        change=replace("'priced'", "'priced WHERE team IS NOT NULL'"),
        caught_by=("workloads/analysis/test_allocation.py::test_each_dimension_sums_to_the_total",),
    ),
    Mutation(
        name="a batch that nobody confirmed is promised",
        of="workloads.levers.batch:_estimate_sources",
        change=replace("bool(confirmed)", "True"),
        caught_by=("workloads/levers/test_batch.py::test_what_is_not_confirmed_is_a_candidate_and_in_no_total",),
    ),
    Mutation(
        name="a batch is priced for models that the price list has no batch price for",
        of="workloads.levers.batch_prices:_list_batch_rates",
        change=replace("has_batch_price($model)", "True"),
        caught_by=("workloads/levers/test_batch.py::test_it_leaves_out_models_without_a_batch_price_and_names_them",),
    ),
    Mutation(
        name="levers change what the question excludes",
        of="workloads.analysis.scope:_build_conditions",
        change=replace("sorted($found)", "[]"),
        caught_by=("workloads/analysis/test_scope.py::test_levers_change_only_what_the_question_allows",),
    ),
    Mutation(
        name="a smaller model is taken to cache shorter prefixes than it does",
        of="workloads.levers.repricing.smaller_models:build_target",
        change=replace("terms.minimum > own_terms.minimum", "False"),
        caught_by=(
            "workloads/levers/test_right_size.py::test_a_smaller_model_that_does_not_cache_the_prefix_saves_nothing",
        ),
    ),
    Mutation(
        name="a FOCUS export is not the report's",
        of="workloads.focus.export:export_focus",
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
        name="a row named as a total counts beside its parts",
        of="workloads.ingest.reading.totals.total_rows:iter_total_rules",
        change=replace("_MOST_ROWS", "-1"),
        caught_by=("workloads/ingest/reading/test_row_kinds.py::test_rows_of_all_models_beside_the_models_are_totals",),
    ),
    Mutation(
        name="thousands of tokens are read as tokens",
        of="workloads.ingest.reading.numbers:NumberFormat.build_count_sql",
        change=replace("mapping.get_unit(field)", "1"),
        caught_by=("workloads/ingest/reading/test_numbers.py::test_counts_may_be_in_thousands_and_millions",),
    ),
    Mutation(
        name="euros are read as dollars",
        of="workloads.ingest.mapping:resolve_mapping",
        change=replace("not is_in_dollars(guess['cost_usd'], columns, examples)", "False"),
        caught_by=("workloads/ingest/test_mapping.py::test_costs_in_another_currency_are_not_read",),
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
        of="workloads.invoices.line_sums:LineSums._add",
        change=replace("amount *= self._form.scale", "pass"),
        caught_by=("workloads/invoices/test_reading.py::test_anthropic_report_is_in_cents",),
    ),
    Mutation(
        name="what no cause explains of an invoice is hidden",
        of="workloads.invoices.reconcile:_rank",
        change=replace("residual - sum(by_words.values(), NOTHING)", "NOTHING"),
        caught_by=("workloads/invoices/test_reconcile.py::test_a_difference_without_a_cause_is_named_as_that",),
    ),
    Mutation(
        name="a prompt cache that knows the future is promised",
        of="workloads.levers.cache_policy",
        change=replace("(Writes.SEEN, Writes.ALL)", "(Writes.READ_AGAIN, Writes.ALL)"),
        caught_by=("workloads/levers/test_prompt_cache.py::test_foresight_is_a_bound_beside_it_and_never_the_saving",),
    ),
    Mutation(
        name="a prefix is read before its writer has answered",
        of="workloads.levers.cache_replay:build_replay",
        change=replace("READY_US", "'us'"),
        caught_by=(
            "workloads/levers/test_prompt_cache.py::test_requests_of_one_instant_dont_read_what_is_not_yet_written",
        ),
    ),
    Mutation(
        name="what a provider may have cached already is promised",
        of="workloads.levers.prompt_cache:_estimate_replay",
        change=replace("log.has_columns('cache_read') or AUTOMATIC not in settings", "True"),
        caught_by=(
            "workloads/levers/test_prompt_cache.py"
            "::test_a_provider_that_caches_by_itself_is_a_bound_unless_the_log_tells",
        ),
    ),
    Mutation(
        name="one response cache serves all users",
        of="workloads.levers.response_cache:build_effect_sql",
        change=replace("not log.has_columns('end_user')", "True"),
        caught_by=(
            "workloads/levers/test_response_cache.py"
            "::test_it_promises_a_cache_per_user_and_says_what_a_shared_one_would_save",
        ),
    ),
    Mutation(
        name="a lever is computed on the log as it was",
        of="workloads.analysis.waterfall:_apply_lever",
        change=replace("lever.build(state)", "lever.build(INITIAL_STATE)"),
        caught_by=("workloads/analysis/test_waterfall.py::test_each_lever_sees_what_the_ones_before_it_left",),
    ),
    Mutation(
        name="a guard is kept though the requests that stay are slower",
        of="workloads.analysis.guard:_evaluate_verdict",
        change=replace("after > before", "False"),
        caught_by=(
            "workloads/analysis/test_combination.py::test_it_does_not_call_a_guard_kept_where_the_fast_requests_leave",
        ),
    ),
    Mutation(
        name="a price of a later year counts before it starts",
        of="workloads.pricing.purchases:get_prices",
        change=replace("v.constraint is None or v.constraint.active(instant)", "True"),
        caught_by=(
            "workloads/pricing/test_purchases.py::test_a_later_price_of_a_tier_does_not_count_before_it_starts",
        ),
    ),
    Mutation(
        name="batches of a model with a price of one's own cost what its other requests cost",
        of="workloads.pricing.own_rates:apply_own_price",
        change=replace("per_token * listed / base", "per_token"),
        caught_by=("workloads/pricing/test_own_prices.py::test_batches_and_long_prompts_keep_the_lists_ratio",),
    ),
    Mutation(
        name="the spend under other prices stays beside a log",
        of="workloads.logs:change_assumptions",
        change=replace("(None, True)", "(workload.spend, False)"),
        caught_by=("workloads/test_log_figures.py::test_a_changed_price_changes_the_figures_beside_the_log",),
    ),
)
