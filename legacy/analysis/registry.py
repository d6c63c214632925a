"""The registry of all rules, by id. Adding a rule is one file in rules/ and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from legacy.analysis import findings
from legacy.analysis.findings import IsolationRule
from legacy.analysis.rules import (
    broadcast,
    cache_key,
    class_state,
    cleanup_key,
    context_variable,
    deep_agent_state,
    dropped_task,
    global_dispatcher,
    global_instance,
    late_closure,
    memoised_function,
    module_state,
    mutable_default,
    rate_limit,
    run_id_as_user_id,
    singleton_class,
    stored_context,
    stored_session,
    stored_user_id,
    thread_local,
)
from legacy.analysis.suppressions import UNEXPLAINED_ALLOW

RULES: tuple[IsolationRule, ...] = (
    broadcast.RULE,
    cache_key.RULE,
    class_state.RULE,
    cleanup_key.RULE,
    context_variable.RULE,
    deep_agent_state.RULE,
    dropped_task.RULE,
    global_dispatcher.RULE,
    global_instance.RULE,
    late_closure.RULE,
    memoised_function.RULE,
    module_state.RULE,
    mutable_default.RULE,
    rate_limit.RULE,
    run_id_as_user_id.RULE,
    singleton_class.RULE,
    stored_context.RULE,
    stored_session.RULE,
    stored_user_id.RULE,
    thread_local.RULE,
)

CATALOG: Mapping[str, IsolationRule] = MappingProxyType(
    {each.id: each for each in (*RULES, findings.UNREAD_FILE, UNEXPLAINED_ALLOW)}
)
