"""Whether a call may be made, what it takes, and what is kept of it."""

from tests.teeth.bug import Bug

ADMITTED = "tools/test_admission.py::"
REFUSALS = f"{ADMITTED}test_each_refusal_is_told_with_its_code_and_audited_with_its_rule"
AT_ONCE = "isolation/test_hostile_model.py::test_many_at_once_and_by_names_that_are_hidden"
OPERATED = "operating/test_dispatcher.py::"

BUGS = (
    Bug(
        name="a deny is decided, and nobody asks",
        file="tools/admission.py",
        edits=(("    if decision.effect is Effect.DENY:\n", "    if False:\n"),),
        caught_by=(REFUSALS,),
    ),
    Bug(
        name="a deny wins only with the highest priority",
        file="tools/policy/evaluation.py",
        edits=(
            (
                "    denying = next((rule for rule in applying if rule.effect is Effect.DENY), None)\n",
                "    denying = next((rule for rule in applying[:1] if rule.effect is Effect.DENY), None)\n",
            ),
        ),
        caught_by=("tools/policy/test_judging.py::test_which_rule_decides",),
    ),
    Bug(
        name="a plan without the category lets everybody through",
        file="tools/policy/evaluation.py",
        edits=(("    if plan.quota is None and not any(", "    if False and not any("),),
        caught_by=("tools/policy/test_judging.py::test_the_plans_gate_and_who_is_let_through",),
    ),
    Bug(
        name="limits on arguments are not looked at",
        file="tools/policy/evaluation.py",
        edits=(("        if wrong := beyond(rule, asked):\n", "        if wrong := None:\n"),),
        caught_by=(REFUSALS,),
    ),
    Bug(
        name="what a policy says to ask for is done",
        file="tools/arguments.py",
        edits=(("    if admitted.ask is not None:\n", "    if False:\n"),),
        caught_by=(REFUSALS,),
    ),
    Bug(
        name="a user's standing is kept from call to call",
        file="tools/policy/decisions.py",
        edits=(
            ('TERMS = """\n', 'KNOWN: dict[UUID, Any] = {}\nTERMS = """\n'),
            ("        row = cursor.fetchone()\n", "        row = KNOWN.setdefault(user_id, cursor.fetchone())\n"),
        ),
        caught_by=(f"{ADMITTED}test_a_change_holds_from_the_next_call_on_and_for_nobody_else",),
    ),
    Bug(
        name="arguments are taken as they come",
        file="tools/arguments.py",
        edits=(
            (
                "        valid: ToolInput = tool.input.model_validate(arguments)\n",
                "        valid: ToolInput = tool.input.model_construct(**dict(arguments))\n",
            ),
        ),
        caught_by=(REFUSALS,),
    ),
    Bug(
        name="arguments may be of any size",
        file="tools/arguments.py",
        edits=(("    return data if size <= LARGEST else ", "    return data if size else "),),
        caught_by=(AT_ONCE,),
    ),
    Bug(
        name="slots are counted without a lock",
        file="tools/quota/slots.py",
        edits=(
            (
                '    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):\n',
                "    with as_user(user_id):\n",
            ),
            ("User.objects.select_for_update(no_key=True).filter", "User.objects.filter"),
        ),
        caught_by=("tools/quota/test_slots.py::test_of_fifty_at_once_exactly_ten_have_room",),
    ),
    Bug(
        name="slots are never given back",
        file="tools/calls.py",
        edits=(("    give_back([receipt.slot for _, receipt in settled if receipt.slot is not None])\n", ""),),
        caught_by=(f"{ADMITTED}test_a_plans_bound_holds_and_slots_are_given_back",),
    ),
    Bug(
        name="a call cancelled while it is admitted keeps its slot",
        file="tools/admission.py",
        edits=(("            await database.run(user_id, withdraw, asked.result())\n", "            pass\n"),),
        caught_by=(f"{ADMITTED}test_a_cancel_while_it_is_being_admitted_leaves_nothing_held",),
    ),
    Bug(
        name="a budget that is used up holds nobody",
        file="tools/spending/budgets.py",
        edits=(("        if each.spent >= each.budget.limit:\n", "        if False:\n"),),
        caught_by=("tools/spending/test_budgets.py::test_used_up_is_used_up",),
    ),
    Bug(
        name="no money is set aside before a call",
        file="tools/admission.py",
        edits=(
            (
                "    return replace(admitted, reservation=_reservation(request, admitted)) if tool.cost else ",
                "    return ",
            ),
        ),
        caught_by=(f"{ADMITTED}test_money_is_set_aside_before_and_recorded_with_the_call",),
    ),
    Bug(
        name="refused calls are not audited",
        file="tools/calls.py",
        edits=(
            (
                "    append_all([receipt.attempt for _, receipt in settled])\n",
                '    append_all([each.attempt for _, each in settled if each.attempt.outcome != "refused"])\n',
            ),
        ),
        caught_by=(REFUSALS,),
    ),
    Bug(
        name="calls of a worker that lost its run are not audited",
        file="agents/run_writer.py",
        edits=(("            settle_late(item.receipt)\n", "            pass\n"),),
        caught_by=(f"{ADMITTED}test_an_attempt_of_a_worker_that_lost_its_run_is_audited_all_the_same",),
    ),
    Bug(
        name="an emitter takes another user's receipt",
        file="realtime/emitter.py",
        edits=(("        if receipt.attempt.user_id != self._context.user_id:\n", "        if False:\n"),),
        caught_by=("realtime/test_emitter_money.py::test_nothing_of_another_run_or_user",),
    ),
    Bug(
        name="the audit's key is the same everywhere",
        file="tools/audit/chain.py",
        edits=(("    secret = hmac.digest(given.encode(), ", '    secret = hmac.digest(b"netra", '),),
        caught_by=("tools/audit/test_verify.py::test_another_key_makes_no_row",),
    ),
    Bug(
        name="rows of the audit are not chained",
        file="tools/audit/record.py",
        edits=(("        previous=before.mac,\n", '        previous="",\n'),),
        caught_by=("tools/audit/test_trail.py::test_a_row_is_chained_to_the_one_before",),
    ),
    Bug(
        name="a column is not under the audit's mac",
        file="tools/audit/chain.py",
        edits=(("_SEALED = attrgetter(*COLUMNS[:-1])\n", "_SEALED = attrgetter(*COLUMNS[1:-1])\n"),),
        caught_by=("tools/audit/test_tampering.py::test_every_column_is_under_the_mac",),
    ),
    Bug(
        name="operators' permissions are not asked for",
        file="operators/admission.py",
        edits=(("    if not operator.has_perm(permission):\n", "    if False:\n"),),
        caught_by=("matrix/test_operators_tools.py::test_each_gets_what_the_table_says[operator]",),
    ),
    Bug(
        name="an operator's permissions are kept from call to call",
        file="operators/admission.py",
        edits=(
            ("USE = ", "KNOWN: dict[UUID, User | None] = {}\nUSE = "),
            (
                "    operator = User.objects.filter(pk=operator_id, is_active=True).first()\n",
                "    now = User.objects.filter(pk=operator_id, is_active=True).first()\n"
                "    operator = KNOWN.setdefault(operator_id, now)\n",
            ),
        ),
        caught_by=(f"{OPERATED}test_a_permission_that_goes_between_two_calls_is_missed_by_the_second",),
    ),
    Bug(
        name="any consent is good for any operator",
        file="operators/consents.py",
        edits=(("        operator_id=operator_id,\n        given_at__lte=now,\n", "        given_at__lte=now,\n"),),
        caught_by=("operating/test_consent.py::test_a_consent_that_is_not_this_one_is_none",),
    ),
    Bug(
        name="a consent that was withdrawn is good still",
        file="operators/consents.py",
        edits=(("        expires_at__gt=now,\n        withdrawn_at=None,\n", "        expires_at__gt=now,\n"),),
        caught_by=("operating/test_consent.py::test_a_consent_that_is_not_this_one_is_none",),
    ),
    Bug(
        name="anybody answers what somebody is asked",
        file="operators/consents.py",
        edits=(("Consent.objects.for_user(user_id).select_for_update().filter(id=", "Consent.objects.filter(id="),),
        caught_by=("operating/test_consent.py::test_nobody_answers_what_another_is_asked",),
    ),
    Bug(
        name="a model gives operators what users said",
        file="operators/dispatcher.py",
        edits=(("if recorder is None or not tool.words}", "if recorder is None or tool}"),),
        caught_by=(f"{OPERATED}test_in_a_run_calls_are_told_and_words_are_out_of_reach",),
    ),
    Bug(
        name="a model changes what its operator has not named",
        file="operators/admission.py",
        edits=(("    if wish.said is not None and (", "    if False and ("),),
        caught_by=(f"{OPERATED}test_a_model_changes_only_what_the_operator_has_named",),
    ),
    Bug(
        name="any staff is told why somebody may do something",
        file="tools/policy/admin.py",
        edits=(("    if not page.has_view_permission(request):\n", "    if False:\n"),),
        caught_by=("matrix/test_admin.py::test_pages_beside_those_of_models",),
    ),
    Bug(
        name="an upload is taken whatever its user has room for",
        file="workloads/storage.py",
        edits=(
            (
                "storage.has_room(needed):\n        raise OverQuota",
                "storage.has_room(0):\n        raise OverQuota",
            ),
        ),
        caught_by=("workloads/test_storage.py::test_of_ten_announced_at_once_exactly_those_are_taken_that_have_room",),
    ),
    Bug(
        name="announcements without a byte never lapse",
        file="workloads/storage.py",
        edits=(
            (
                "Q(workload=None, touched_at__gt=(now or datetime.now(UTC)) - RESERVED)",
                "Q(workload=None)",
            ),
        ),
        caught_by=("workloads/test_storage.py::test_an_announcement_without_a_byte_takes_nothing_in_the_end",),
    ),
    Bug(
        name="a remote model gets what a tool returns, users' names and all",
        file="tools/disclosure.py",
        edits=(
            ("return capped(_without(head, private) if private else head, limit)[0]", "return capped(head, limit)[0]"),
        ),
        caught_by=("llm/test_denied.py::test_no_tool_of_the_catalogue_gives_it_away[with_result]",),
    ),
    Bug(
        name="a remote model gets errors as they are",
        file="agents/llm/loop.py",
        edits=(("await dispatcher.disclosed(error.words, tool)", "str(error)"),),
        caught_by=("llm/test_denied.py::test_no_tool_of_the_catalogue_gives_it_away[with_error]",),
    ),
    Bug(
        name="what an operators' tool tells of accounts reaches a remote model",
        file="operators/dispatcher.py",
        edits=(
            (
                "        if self.disclosure is not None:\n            disclosed",
                "        if self.data_dir is None:\n            disclosed",
            ),
        ),
        caught_by=("llm/test_denied.py::test_no_operators_tool_tells_a_model_who_there_is",),
    ),
)
