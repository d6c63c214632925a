"""The registry of all rules, by id. A new rule is a file in rules/, or a part of one, and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from legacy.analysis.findings import UNREAD_FILE, IsolationRule
from legacy.analysis.rules import (
    ambient_variables,
    broadcast,
    caches,
    class_state,
    deep_agent_state,
    dropped_task,
    global_dispatcher,
    mistaken_ids,
    module_state,
    pitfalls,
    rate_limit,
    shared_instances,
    stored_attributes,
)
from legacy.analysis.suppressions import UNEXPLAINED_ALLOW

RULES: tuple[IsolationRule, ...] = (
    broadcast.RULE,
    caches.CACHE_KEY,
    class_state.RULE,
    mistaken_ids.CLEANUP_KEY,
    ambient_variables.CONTEXT_VARIABLE,
    deep_agent_state.RULE,
    dropped_task.RULE,
    global_dispatcher.RULE,
    shared_instances.GLOBAL_INSTANCE,
    pitfalls.LATE_CLOSURE,
    caches.MEMOISED_FUNCTION,
    module_state.RULE,
    pitfalls.MUTABLE_DEFAULT,
    rate_limit.RULE,
    mistaken_ids.RUN_ID_AS_USER_ID,
    shared_instances.SINGLETON_CLASS,
    stored_attributes.STORED_CONTEXT,
    stored_attributes.STORED_SESSION,
    stored_attributes.STORED_USER_ID,
    ambient_variables.THREAD_LOCAL,
)

CATALOG: Mapping[str, IsolationRule] = MappingProxyType(
    {each.id: each for each in (*RULES, UNREAD_FILE, UNEXPLAINED_ALLOW)}
)
