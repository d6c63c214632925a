"""Names of the legacy API that the codemods know, and what replaces each."""

from collections.abc import Mapping
from types import MappingProxyType

LEGACY_BASES = frozenset({"BaseAgent", "BaseSubAgent", "BaseLegacyAgent", "LegacyAgentBase"})
"""Base classes that BaseAgent replaces completely."""

BASE_AGENT_NAMES = frozenset(
    {
        "context",
        "deps",
        "language",
        "name",
        "title",
        "seconds",
        "output",
        "tools",
        "instructions",
        "essential",
        "opening",
        "perform",
        "plan",
        "update_facts",
        "execute",
        "think",
        "open_dispatcher",
        "run_model",
    }
)
"""Attributes of agents.framework.agent.BaseAgent."""

CONTEXT_FIELDS: Mapping[str, str] = MappingProxyType(
    {"user_id": "user_id", "run_id": "run_id", "chat_thread_id": "thread_id", "thread_id": "thread_id"}
)
"""Ids of a state or legacy context, which are strings, and their names in a UserExecutionContext, which has UUIDs."""

RESULT_AGENTS: Mapping[str, str] = MappingProxyType(
    {
        "triage_result": "triage",
        "data_result": "data",
        "optimizations_result": "optimization",
        "action_plan_result": "actions",
        "report_result": "reporting",
        "final_report": "reporting",
        "synthetic_data_result": "synthetic_data",
        "supply_research_result": "supply_research",
        "corpus_admin_result": "corpus_admin",
    }
)
"""Result fields of the state, and the agents whose output they are."""

LEGACY_HOOKS = frozenset({"check_entry_conditions", "validate_preconditions", "cleanup", "shutdown", "run"})
"""Methods that the legacy base class called; BaseAgent does not."""

REFLECTION_NAMES = frozenset({"getattr", "setattr", "hasattr", "delattr", "vars", "__dict__"})
"""Ways to access an attribute without writing its name."""

OWNER_ARGUMENTS = frozenset(
    {"user_id", "run_id", "thread_id", "chat_thread_id", "state", "context", "session", "db_session"}
)
"""Never arguments of a tool: its ToolContext says whose data it works on."""

NO_OWNER = "a dispatcher without an owner; BaseAgent.open_dispatcher makes one for a turn"
GLOBAL_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "get_websocket_manager": "a manager for all users; agents tell through self.think, legacy code through the "
        "facade of legacy.bridges that is bound to one context",
        "WebSocketManager": "one instance per process; bind the facade of legacy.bridges to one context",
        "broadcast_message": "reaches every user; an event is one user's",
        "websocket_context": "a socket is the consumer's alone; nothing is handed out",
        "create_legacy_tool_dispatcher": NO_OWNER,
        "get_tool_dispatcher": NO_OWNER,
    }
)

ATTRIBUTE_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "llm_manager": "the model is asked by self.run_model, which also has a plan for where there is none",
        "redis_manager": "what a run needs is handed down; there is no store that an agent reaches by itself",
        "tool_dispatcher": "only awaited calls by a tool's literal name can be made through self.open_dispatcher",
        "emit_error": "raise a UserError with these words; BaseAgent tells it, once",
        "emit_agent_completed": "BaseAgent tells it at the end of the turn; here something is still done or told after",
        "emit_tool_executing": "the dispatcher tells of tools; this one is not called by a literal name in this class",
        "emit_tool_completed": "the dispatcher tells of tools; this one is not called by a literal name in this class",
        "websocket_manager": "only a thought for the run's own user can be told by self.think",
        "websocket_bridge": "only a thought for the run's own user can be told by self.think",
        "user_id": "whose work it is, is in self.context",
        "context": "self.context is the run's own in Netra, frozen; keep nothing else under this name",
        "logger": "BaseAgent has none; use a logger of the module",
    }
)
"""The reason why a read of self.<name> is left."""
