"""The outcome of migrate_legacy for each folder of the corpus: migrated, or the reason why not."""

from collections.abc import Mapping
from types import MappingProxyType

MIGRATED = "migrated"
NO_AGENT = "no class in it has the legacy signature; check_isolation reports the leaks"
OTHER_FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "imported_dispatcher": "dispatch raises ToolFailed or ToolRefused",
        "reraised_error": "BaseAgent reports the failure",
    }
)
"""Migrated, with a different behaviour when a tool fails, which is listed for review."""

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "allowed": NO_AGENT,
        "app_state": NO_AGENT,
        "baseless": MIGRATED,
        "cache_without_user": "stores _cache on self",
        "class_cache": "all users share this class attribute",
        "class_current": NO_AGENT,
        "cleanup_key": NO_AGENT,
        "connection_manager": NO_AGENT,
        "context_variables": NO_AGENT,
        "core_logic_agent": "(check_isolation, global-instance): _supervisor is one ExecutionSupervisor for all users",
        "default_argument": "takes more parameters than the legacy signature",
        "dropped_thread": NO_AGENT,
        "fire_and_forget": "an earlier agent's result, or one that this agent writes elsewhere",
        "global_dispatcher": "the state is passed on, changed or read in a way that has no equivalent",
        "group_of_all": NO_AGENT,
        "guarded_bridge": MIGRATED,
        "imported_dispatcher": MIGRATED,
        "imported_manager": MIGRATED,
        "late_callbacks": NO_AGENT,
        "lazy_global": NO_AGENT,
        "module_current_user": NO_AGENT,
        "module_history": "the state is passed on, changed or read in a way that has no equivalent",
        "module_instance": NO_AGENT,
        "named_dispatcher": MIGRATED,
        "passed_state": MIGRATED,
        "plain_agent": MIGRATED,
        "rate_limit": NO_AGENT,
        "redis_cache": NO_AGENT,
        "remembered_profile": NO_AGENT,
        "reraised_error": MIGRATED,
        "returned_result": MIGRATED,
        "run_id_for_user": "neither this class nor BaseAgent defines self.manager",
        "singleton_getter": NO_AGENT,
        "singleton_metaclass": "the class has a decorator or metaclass",
        "singleton_new": NO_AGENT,
        "socket_class": MIGRATED,
        "socket_singleton": MIGRATED,
        "state_chain": "an earlier agent's result, or one that this agent writes elsewhere",
        "stored_bridge": MIGRATED,
        "stored_context": "has both execute and execute_core_logic",
        "stored_core_context": MIGRATED,
        "stored_session": "neither this class nor BaseAgent defines self.session",
        "stored_state": MIGRATED,
        "stored_user": NO_AGENT,
        "stored_user_id": MIGRATED,
        "streamed_branches": MIGRATED,
        "thread_locals": NO_AGENT,
        "two_of_a_chain": MIGRATED,
        "whole_agent": "all users share this class attribute",
    }
)
"""By folder: MIGRATED, NO_AGENT, or a part of one of the reported reasons."""
