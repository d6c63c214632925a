"""What migrate_legacy makes of each folder of the corpus: it brings it over, or says why a person has to."""

from collections.abc import Mapping
from types import MappingProxyType

BROUGHT = "brought over"
NO_AGENT = "nothing in it has the old signature; check_isolation tells what leaks"
OTHER_FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "imported_dispatcher": "dispatch raises ToolFailed or ToolRefused",
        "retold_error": "BaseAgent tells the failure, once",
    }
)
"""Brought over, and told of as different where a tool fails ("to be looked at")."""

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "allowed": NO_AGENT,
        "app_state": NO_AGENT,
        "baseless": BROUGHT,
        "cache_without_user": "keeps _cache on self",
        "class_cache": "one for all users, kept by the class",
        "class_current": NO_AGENT,
        "cleanup_key": NO_AGENT,
        "connection_manager": NO_AGENT,
        "context_variables": NO_AGENT,
        "core_logic_agent": "(check_isolation, global-instance): _supervisor is one ExecutionSupervisor for all users",
        "default_argument": "takes more than the old signature has",
        "dropped_thread": NO_AGENT,
        "fire_and_forget": "an earlier agent's result, or one that is not written in its own turn",
        "global_dispatcher": "the state is handed on, changed or read in a way that has no counterpart",
        "group_of_all": NO_AGENT,
        "guarded_bridge": BROUGHT,
        "handed_state": BROUGHT,
        "imported_dispatcher": BROUGHT,
        "imported_manager": BROUGHT,
        "kept_bridge": BROUGHT,
        "kept_core_context": BROUGHT,
        "kept_state": BROUGHT,
        "kept_user": BROUGHT,
        "late_callbacks": NO_AGENT,
        "lazy_global": NO_AGENT,
        "module_current_user": NO_AGENT,
        "module_history": "the state is handed on, changed or read in a way that has no counterpart",
        "module_instance": NO_AGENT,
        "named_dispatcher": BROUGHT,
        "rate_limit": NO_AGENT,
        "redis_cache": NO_AGENT,
        "remembered_profile": NO_AGENT,
        "retold_error": BROUGHT,
        "returned_result": BROUGHT,
        "run_id_for_user": "self.manager is neither this class's own nor BaseAgent's",
        "singleton_getter": NO_AGENT,
        "singleton_metaclass": "its class is decorated or has a metaclass",
        "singleton_new": NO_AGENT,
        "socket_class": BROUGHT,
        "socket_singleton": BROUGHT,
        "state_chain": "an earlier agent's result, or one that is not written in its own turn",
        "stored_context": "has execute and execute_core_logic",
        "stored_session": "self.session is neither this class's own nor BaseAgent's",
        "stored_user": NO_AGENT,
        "streamed_branches": BROUGHT,
        "thread_locals": NO_AGENT,
        "told_state": BROUGHT,
        "two_of_a_chain": BROUGHT,
        "whole_agent": "one for all users, kept by the class",
    }
)
"""By folder: BROUGHT, NO_AGENT, or words of one of the reasons that it is left with."""
