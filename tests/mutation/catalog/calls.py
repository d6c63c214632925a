"""Whether a call may be made, what it takes, and what is kept of it."""

from tests.mutation.changes import add_to_module, combine, drop_keyword, get_anybodys, remove, replace, return_only
from tests.mutation.mutation import Mutation

ADMITTED = "tools/test_admission.py::"
REFUSALS = f"{ADMITTED}test_each_refusal_has_its_code_and_is_audited_with_its_rule"
OPERATED = "operators/test_dispatcher.py::"

MUTATIONS = (
    Mutation(
        name="calls whose results are kept are not decided on",
        of="tools.admission:_decide_together",
        change=replace("_refuse_denied(decision)", "None"),
        caught_by=("tools/test_reuse.py::test_kept_calls_are_each_decided_by_the_rules_of_this_moment",),
    ),
    Mutation(
        name="the arguments of calls whose results are kept are not limited",
        of="tools.admission:_decide_together",
        change=replace("request.arguments", "None"),
        caught_by=("tools/test_reuse.py::test_kept_calls_are_each_decided_by_the_rules_of_this_moment",),
    ),
    Mutation(
        name="calls whose results are kept need no slot",
        of="tools.admission:_needs_more",
        change=return_only("False"),
        caught_by=("tools/test_reuse.py::test_kept_calls_count_for_quotas_and_budgets",),
    ),
    Mutation(
        name="a remote model gets kept results, whose private values nobody looks up",
        of="tools.run_dispatcher:ToolDispatcherFactory._build_reuse",
        change=replace("self.remote or self.admit_together is None", "self.admit_together is None"),
        caught_by=("tools/test_reuse.py::test_another_language_another_log_and_a_remote_model_reuse_nothing",),
    ),
    Mutation(
        name="a tool that must not be run twice is run again after its worker was lost",
        of="tools.repeats:refuse_repetition",
        change=replace("$outcome != 'refused'", "False"),
        caught_by=(
            "tools/test_repeats.py::test_what_was_begun_in_a_lost_attempt_is_told_as_unknown_and_not_run_again",
        ),
    ),
    Mutation(
        name="a tool that must not be run twice runs before its start is stored",
        of="tools.calls:RunJournal.ensure_first",
        change=remove("await self.recorder.flush()"),
        caught_by=("tools/test_repeats.py::test_a_worker_that_lost_its_run_does_not_run_the_tool",),
    ),
    Mutation(
        name="a deny is decided, and nobody asks",
        of="tools.admission:_refuse_denied",
        change=replace("$decision.effect is PolicyEffect.DENY", "False"),
        caught_by=(REFUSALS,),
    ),
    Mutation(
        name="a deny wins only with the highest priority",
        of="tools.policy.evaluation:evaluate_rules",
        change=replace(
            "($rule for $rule in $rules if $rule.effect is PolicyEffect.DENY)",
            "($rule for $rule in $rules[:1] if $rule.effect is PolicyEffect.DENY)",
        ),
        caught_by=("tools/policy/test_evaluation.py::test_which_rule_decides",),
    ),
    Mutation(
        name="a plan without the category lets everybody through",
        of="tools.policy.evaluation:evaluate_rules",
        change=replace("$plan.quota is None", "False"),
        caught_by=("tools/policy/test_evaluation.py::test_the_plans_categories_and_their_exceptions",),
    ),
    Mutation(
        name="limits on arguments are not looked at",
        of="tools.policy.evaluation:evaluate_rules",
        change=replace("find_broken_limit(...)", "None"),
        caught_by=(REFUSALS,),
    ),
    Mutation(
        name="what a policy says to ask for is done",
        of="tools.execution:ensure_approved",
        change=replace("$admission.approval_reason is not None", "False"),
        caught_by=(REFUSALS,),
    ),
    Mutation(
        name="a user's standing is kept from call to call",
        of="tools.policy.decisions:load_account",
        change=combine(
            add_to_module("KNOWN = {}"), replace("$cursor.fetchone()", "KNOWN.setdefault(user_id, $cursor.fetchone())")
        ),
        caught_by=(f"{ADMITTED}test_a_change_applies_from_the_next_call_and_only_to_its_user",),
    ),
    Mutation(
        name="arguments are taken as they come",
        of="tools.execution:parse_arguments",
        change=replace("tool.input.model_validate(arguments)", "tool.input.model_construct(**dict(arguments))"),
        caught_by=(REFUSALS,),
    ),
    Mutation(
        name="arguments may be of any size",
        of="tools.execution:to_json_data",
        change=replace("$size <= MAX_CHARACTERS", "True"),
        caught_by=("isolation/test_hostile_model.py::test_concurrent_calls_and_hidden_names_are_refused",),
    ),
    Mutation(
        name="slots are counted without a lock",
        of="tools.quota.slots",
        change=combine(
            replace("as_user(user_id, atomic=True)", "as_user(user_id)"),
            replace("User.objects.select_for_update(no_key=True)", "User.objects"),
        ),
        caught_by=("tools/quota/test_slots.py::test_nobody_counts_while_another_is_about_to_take_a_slot",),
    ),
    Mutation(
        name="slots are never given back",
        of="tools.settlements:settle_calls",
        change=remove("release_slots(...)"),
        caught_by=(f"{ADMITTED}test_a_plans_quota_holds_and_slots_are_released",),
    ),
    Mutation(
        name="a call cancelled while it is admitted keeps its slot",
        of="core.concurrency.database_threads:DatabaseThreadPool.run_or_undo",
        change=remove("await self.run($key, undo, ...)"),
        caught_by=(
            "core/concurrency/test_database_threads.py::test_work_whose_caller_was_cancelled_is_undone",
            f"{OPERATED}test_a_call_cancelled_while_it_is_admitted_gives_its_slot_back",
        ),
    ),
    Mutation(
        name="a command's call cancelled while it is admitted keeps its slot",
        of="core.concurrency.database_threads:SharedThreadExecutor.run_or_undo",
        change=remove("await self.run($key, undo, ...)"),
        caught_by=(f"{ADMITTED}test_a_cancel_during_admission_leaves_no_reservation",),
    ),
    Mutation(
        name="a budget that is used up holds nobody",
        of="tools.spending.budgets:check_budgets",
        change=replace("$balance.spent >= $balance.budget.limit", "False"),
        caught_by=("tools/spending/test_budgets.py::test_a_used_up_budget_refuses",),
    ),
    Mutation(
        name="no money is set aside before a call",
        of="tools.admission:_decide_admission",
        change=replace("_reserve_cost(...)", "None"),
        caught_by=(f"{ADMITTED}test_money_is_reserved_before_a_call_and_recorded_with_it",),
    ),
    Mutation(
        name="refused calls are not audited",
        of="tools.settlements:settle_calls",
        change=replace(
            "append_attempts($attempts)",
            "append_attempts([attempt for attempt in $attempts if attempt.outcome != 'refused'])",
        ),
        caught_by=(REFUSALS,),
    ),
    Mutation(
        name="calls of a worker that lost its run are not audited",
        of="agents.run_writer:_settle_late",
        change=remove("settle_late_call(...)"),
        caught_by=(f"{ADMITTED}test_an_attempt_of_a_worker_that_lost_its_run_is_audited",),
    ),
    Mutation(
        name="an emitter takes another user's receipt",
        of="realtime.emitter:UserWebSocketEmitter.settle",
        change=replace("$settlement.attempt.user_id != self._context.user_id", "False"),
        caught_by=("realtime/test_emitter_money.py::test_settlements_of_another_run_or_user_are_refused",),
    ),
    Mutation(
        name="the audit's key is the same everywhere",
        of="tools.audit.chain:_derive_key",
        change=replace("$given.encode()", "b'netra'"),
        caught_by=("tools/audit/test_verification.py::test_another_key_verifies_no_row",),
    ),
    Mutation(
        name="rows of the audit are not chained",
        of="tools.audit.record:_build_link",
        change=replace("$head.mac", "''"),
        caught_by=("tools/audit/test_record.py::test_a_row_is_chained_to_the_one_before",),
    ),
    Mutation(
        name="a column is not under the audit's mac",
        of="tools.audit.chain",
        change=replace("attrgetter(*LINK_COLUMNS[:-1])", "attrgetter(*LINK_COLUMNS[1:-1])"),
        caught_by=("tools/audit/test_tampering.py::test_every_column_is_under_the_mac",),
    ),
    Mutation(
        name="operators' permissions are not asked for",
        of="operators.admission:require_permission",
        change=replace("$operator.has_perm(permission)", "True"),
        caught_by=("matrix/test_operators_tools.py::test_each_gets_what_the_table_says[operator]",),
    ),
    Mutation(
        name="an operator's permissions are kept from call to call",
        of="operators.admission:require_permission",
        change=combine(
            add_to_module("KNOWN = {}"),
            replace(
                "User.objects.filter(...).first()", "KNOWN.setdefault(operator_id, User.objects.filter(...).first())"
            ),
        ),
        caught_by=(f"{OPERATED}test_a_permission_revoked_between_two_calls_refuses_the_second",),
    ),
    Mutation(
        name="any consent is good for any operator",
        of="operators.consents:require_consent",
        change=drop_keyword("operator_id"),
        caught_by=("operators/test_consent.py::test_another_or_an_ended_consent_does_not_count",),
    ),
    Mutation(
        name="a consent that was withdrawn is good still",
        of="operators.consents:require_consent",
        change=drop_keyword("withdrawn_at"),
        caught_by=("operators/test_consent.py::test_another_or_an_ended_consent_does_not_count",),
    ),
    Mutation(
        name="anybody answers what somebody is asked",
        of="operators.consents:_lock_consent",
        change=get_anybodys("Consent.objects.select_for_update()"),
        caught_by=("operators/test_consent.py::test_nobody_answers_a_request_to_another_user",),
    ),
    Mutation(
        name="a model gives operators what users said",
        of="operators.dispatcher:AdminToolDispatcherFactory.for_context",
        change=replace("not $tool.requires_consent", "True"),
        caught_by=(f"{OPERATED}test_calls_in_a_run_are_published_and_cannot_read_conversations",),
    ),
    Mutation(
        name="a model changes what its operator has not named",
        of="operators.admission:_check_request",
        change=replace("$request.operator_words is not None", "False"),
        caught_by=(f"{OPERATED}test_a_model_changes_only_what_the_operator_has_named",),
    ),
    Mutation(
        name="any staff is told why somebody may do something",
        of="tools.policy.admin:show_explanation",
        change=replace("$page.has_view_permission($request)", "True"),
        caught_by=("matrix/test_admin.py::test_pages_beside_those_of_models",),
    ),
    Mutation(
        name="an upload is taken whatever its user has room for",
        of="workloads.storage:require_room",
        change=replace("$usage.has_room(needed)", "$usage.has_room(0)"),
        caught_by=("workloads/test_storage.py::test_of_ten_announced_at_once_exactly_those_are_taken_that_have_room",),
    ),
    Mutation(
        name="announcements without a byte never lapse",
        of="workloads.storage:filter_reserved",
        change=drop_keyword("touched_at__gt"),
        caught_by=("workloads/test_storage.py::test_an_announcement_without_a_byte_takes_nothing_in_the_end",),
    ),
    Mutation(
        name="a remote model gets what a tool returns, users' names and all",
        of="tools.disclosure:Disclosure.redact_result",
        change=replace("_redact_value($data, $private)", "$data"),
        caught_by=("llm/test_withheld.py::test_no_tool_of_the_catalogue_gives_it_away[with_result]",),
    ),
    Mutation(
        name="a remote model gets the parts of private dimensions",
        of="tools.disclosure:leave_out_private",
        change=replace("shown.get('private') is True", "False"),
        caught_by=("tools/test_disclosure.py::test_parts_of_a_private_dimension_are_left_out",),
    ),
    Mutation(
        name="a remote model gets errors as they are",
        of="agents.llm.loop:_build_dispatched_call.call",
        change=replace("await $dispatcher.disclose_error(...)", "str(error)"),
        caught_by=("llm/test_withheld.py::test_no_tool_of_the_catalogue_gives_it_away[with_error]",),
    ),
    Mutation(
        name="what an operators' tool tells of accounts reaches a remote model",
        of="tools.dispatcher:CallDispatcher._build_result",
        change=replace("self.disclosure is not None", "False"),
        caught_by=("llm/test_withheld.py::test_no_operators_tool_tells_a_model_who_there_is",),
    ),
)
