"""A legacy agent class during its migration: how it is recognised, its parameters, source positions and open issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import libcst as cst
from libcst import matchers as m
from libcst.metadata import CodeRange

from legacy.codemods.syntax import iter_children


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationIssue:
    """A place that has to be done by hand, or that should be looked at. `line` counts from 1 in the original file.

    An issue that `blocks` keeps its file from being changed. The others do not: the place was changed, or is outside
    of the agents.
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
