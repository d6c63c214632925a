"""A legacy agent class during its migration: the names of the legacy API, how an agent is recognised, its parameters,
source positions and open issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, Self

import libcst as cst
from libcst import matchers as m
from libcst.metadata import CodeRange

from legacy.codemods.syntax import iter_children

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

NO_OWNER = "a dispatcher without an owner; use BaseAgent.open_dispatcher, which creates one for the turn"
GLOBAL_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "get_websocket_manager": "one manager for all users; agents use self.think, legacy code the facade of "
        "legacy.bridges, which is bound to one context",
        "WebSocketManager": "one instance per process; use the facade of legacy.bridges, which is bound to one context",
        "broadcast_message": "reaches all users; an event belongs to one user",
        "websocket_context": "only the consumer has access to a socket",
        "create_legacy_tool_dispatcher": NO_OWNER,
        "get_tool_dispatcher": NO_OWNER,
    }
)

ATTRIBUTE_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "llm_manager": "use self.run_model, which also works without a language model",
        "redis_manager": "agents have no store of their own; pass what the run needs as arguments",
        "tool_dispatcher": "self.open_dispatcher supports only awaited calls with a tool's literal name",
        "emit_error": "raise a UserError with this message; BaseAgent reports it",
        "emit_agent_completed": "BaseAgent emits this at the end of the turn, but here more work follows",
        "emit_tool_executing": "the dispatcher emits this, but this class calls no such tool by a literal name",
        "emit_tool_completed": "the dispatcher emits this, but this class calls no such tool by a literal name",
        "websocket_manager": "self.think sends only thoughts to the run's own user",
        "websocket_bridge": "self.think sends only thoughts to the run's own user",
        "user_id": "use self.context.user_id",
        "context": "self.context is the run's frozen context in Netra; use another name",
        "logger": "BaseAgent has none; use the module's logger",
    }
)
"""Why a read of self.<name> could not be converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationIssue:
    """A place to change by hand or to review. `line` counts from 1 in the original file.

    A file with an issue that `blocks` is not changed. The other issues are in places that were changed, or outside of
    the agents.
    """

    line: int
    code: str
    reason: str
    blocks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePositions:
    """Source lines of nodes. `ranges` is libcst's, by node; an unchanged node is still the same object."""

    ranges: Mapping[cst.CSTNode, CodeRange] = field(default_factory=dict)
    lines: tuple[str, ...] = ()

    def find_line(self, node: cst.CSTNode) -> int | None:
        known = self.ranges.get(node)
        if known is not None:
            return known.start.line
        return next((line for child in iter_children(node) if (line := self.find_line(child)) is not None), None)

    def build_issue(self, node: cst.CSTNode, reason: str, *, blocks: bool = True) -> MigrationIssue:
        line = self.find_line(node) or 1
        code = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        return MigrationIssue(line=line, code=code, reason=reason, blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAgent:
    """A class that is being migrated. `entry_method` is its execute method; `opening` returns its first thought."""

    node: cst.ClassDef
    entry_method: str
    positions: SourcePositions
    name: str = ""
    title: str = ""
    tools: tuple[str, ...] = ()
    opening: cst.SimpleStatementLine | None = None
    issues: tuple[MigrationIssue, ...] = ()

    def build_issue(self, node: cst.CSTNode, reason: str, *, blocks: bool = True) -> MigrationIssue:
        return self.positions.build_issue(node, reason, blocks=blocks)

    def with_issues(self, *issues: MigrationIssue) -> Self:
        return replace(self, issues=(*self.issues, *issues))

    @property
    def methods(self) -> tuple[cst.FunctionDef, ...]:
        return tuple(each for each in self.node.body.body if isinstance(each, cst.FunctionDef))

    def find_method(self, name: str) -> cst.FunctionDef | None:
        return next((each for each in self.methods if each.name.value == name), None)

    def with_method(self, old: cst.FunctionDef, new: cst.FunctionDef) -> Self:
        return self.with_members([new if each is old else each for each in self.node.body.body])

    def with_members(self, members: Sequence[cst.CSTNode]) -> Self:
        return replace(self, node=self.node.with_changes(body=self.node.body.with_changes(body=members)))


def find_entry_method(node: cst.ClassDef) -> str | None:
    """Return the name of the legacy execute method, or None for a class that is no legacy agent."""
    return next(
        (each.name.value for each in node.body.body if isinstance(each, cst.FunctionDef) and _is_entry_method(each)),
        None,
    )


def count_entry_methods(node: cst.ClassDef) -> int:
    return sum(isinstance(each, cst.FunctionDef) and _is_entry_method(each) for each in node.body.body)


def _is_entry_method(method: cst.FunctionDef) -> bool:
    name, params = method.name.value, [each.name.value for each in method.params.params]
    if name == "execute_core_logic":
        return len(params) == 2
    if name != "execute":
        return False
    return (len(params) >= 3 and params[2] == "run_id") or any(
        _is_state_parameter(each) for each in method.params.params
    )


def _is_state_parameter(param: cst.Param) -> bool:
    return param.annotation is not None and bool(m.findall(param.annotation, m.Name("DeepAgentState")))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameters:
    """The names of a method's legacy parameters, or None. A RunInput replaces the `carrier`."""

    carrier: str | None = None
    kind: Literal["state", "context"] = "state"
    run_id: str | None = None
    stream_flag: str | None = None


def find_run_parameters(agent: LegacyAgent, method: cst.FunctionDef) -> RunParameters:
    params = method.params.params[1:]
    names = [each.name.value for each in params]
    if method.name.value == agent.entry_method == "execute_core_logic":
        return RunParameters(carrier=names[0], kind="context")
    if method.name.value == agent.entry_method:
        state, run_id, stream = (*names, None, None)[:3]
        return RunParameters(carrier=state, run_id=run_id, stream_flag=stream)
    for each in params:
        annotation = get_annotation_name(each)
        if annotation == "DeepAgentState" or (annotation == "" and each.name.value == "state"):
            return RunParameters(carrier=each.name.value)
        if annotation == "ExecutionContext" or (
            annotation == "" and each.name.value == "context" and _is_core_logic_agent(agent)
        ):
            return RunParameters(carrier=each.name.value, kind="context")
    return RunParameters()


def get_annotation_name(param: cst.Param) -> str:
    """Return the last name of the annotation, "" without one, "?" for anything else."""
    if param.annotation is None:
        return ""
    annotation = param.annotation.annotation
    if isinstance(annotation, cst.SimpleString):
        text = str(annotation.evaluated_value)
        return text.rpartition(".")[2]
    if isinstance(annotation, cst.Attribute):
        annotation = annotation.attr
    return annotation.value if isinstance(annotation, cst.Name) else "?"


def _is_core_logic_agent(agent: LegacyAgent) -> bool:
    return agent.entry_method == "execute_core_logic"
