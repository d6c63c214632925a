"""Convert emit_* calls into `self.think`, remove the guards around them, and make the first thought the opening."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import libcst as cst
from libcst import matchers as m

from legacy.codemods.dispatcher import get_tool_name_argument
from legacy.codemods.legacy_agent import LegacyAgent, MigrationIssue, RunParameters, find_run_parameters
from legacy.codemods.syntax import (
    IdentityTransformer,
    Replacement,
    build_think_statement,
    find_nodes,
    get_argument,
    get_leading_comments,
    get_self_attribute,
    get_statement_call,
    get_string_value,
    has_no_effects,
    is_docstring,
    rewrite_statements,
)

WEBSOCKET_ATTRIBUTES = frozenset({"websocket_bridge", "websocket_manager"})
THOUGHT_ARGUMENTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "emit_agent_started": (0, "message"),
        "emit_thinking": (0, "thought"),
        "emit_progress": (0, "content"),
        "send_status_update": (2, "message"),
    }
)
"""Method to the position and the keyword of its text."""
TOOL_EMITS = frozenset({"emit_tool_executing", "emit_tool_completed"})
REVIEW_EMIT_ERROR = "removed: BaseAgent reports the failure; to show your own message, raise a UserError with it"
THINK_STATEMENT = m.SimpleStatementLine(
    body=[
        m.Expr(
            value=m.Await(
                expression=m.Call(func=m.Attribute(value=m.Name("self"), attr=m.Name("think")), args=[m.Arg()])
            )
        )
    ]
)


def remove_stream_guards(agent: LegacyAgent) -> LegacyAgent:
    for method in agent.methods:
        parameters = find_run_parameters(agent, method)

        def change(
            statement: cst.CSTNode, after: Sequence[cst.CSTNode], parameters: RunParameters = parameters
        ) -> Replacement:
            if not isinstance(statement, cst.If) or statement.orelse:
                return None
            if not _is_stream_guard(statement.test, parameters) and not _is_connection_guard(statement.test):
                return None
            inside = [each for each in statement.body.body if isinstance(each, cst.SimpleStatementLine)]
            if len(inside) < len(statement.body.body) or not all(_is_user_message(each) for each in inside):
                return None
            first = inside[0]
            return [first.with_changes(leading_lines=[*statement.leading_lines, *first.leading_lines]), *inside[1:]]

        agent = agent.with_method(method, rewrite_statements(method, change))
    return agent


def _is_stream_guard(test: cst.BaseExpression, parameters: RunParameters) -> bool:
    name = parameters.stream_flag if parameters.kind == "state" else None
    if name is not None:
        return m.matches(test, m.Name(name))
    return parameters.kind == "context" and m.matches(
        test, m.Attribute(value=m.Name(parameters.carrier or ""), attr=m.Name("stream_updates"))
    )


def _is_connection_guard(test: cst.BaseExpression) -> bool:
    """Whether it tests `self.websocket_bridge`, which an agent of a run always has."""
    there = m.Comparison(comparisons=[m.ComparisonTarget(operator=m.IsNot(), comparator=m.Name("None"))])
    if m.matches(test, there):
        test = cst.ensure_type(test, cst.Comparison).left
    return get_self_attribute(test) in WEBSOCKET_ATTRIBUTES


def _is_user_message(statement: cst.CSTNode) -> bool:
    call = get_statement_call(statement)
    if (
        call is not None
        and isinstance(call.func, cst.Attribute)
        and get_self_attribute(call.func.value) in WEBSOCKET_ATTRIBUTES
    ):
        return True
    emit = get_self_attribute(call.func) if call else None
    return emit is not None and (emit.startswith("emit_") or emit == "send_status_update") and emit != "emit_error"


def convert_emit_calls(agent: LegacyAgent) -> LegacyAgent:
    called = find_dispatched_tools(agent.node)
    for method in agent.methods:
        issues: list[MigrationIssue] = []

        def change(
            statement: cst.CSTNode,
            after: Sequence[cst.CSTNode],
            issues: list[MigrationIssue] = issues,
            agent: LegacyAgent = agent,
        ) -> Replacement:
            call = get_statement_call(statement)
            emit = get_self_attribute(call.func) if call else None
            if call is None or emit is None or not isinstance(statement, cst.SimpleStatementLine):
                return None
            if emit in THOUGHT_ARGUMENTS:
                return _convert_to_thought(statement, call, *THOUGHT_ARGUMENTS[emit])
            if _is_emitted_by_netra(emit, call, after, called):
                if emit == "emit_error":
                    issues.append(agent.build_issue(call, REVIEW_EMIT_ERROR, blocks=False))
                return []
            return None

        agent = agent.with_method(method, rewrite_statements(method, change)).with_issues(*issues)
    return agent


def find_dispatched_tools(node: cst.CSTNode) -> frozenset[str]:
    """Return the literal names of the tools that are called within."""
    dispatch = m.Call(func=m.Attribute(attr=m.Name("dispatch") | m.Name("dispatch_tool")))
    tools = [
        get_string_value(get_tool_name_argument(call))
        for call in find_nodes(node, cst.Call)
        if m.matches(call, dispatch)
    ]
    return frozenset(tool for tool in tools if tool)


def _convert_to_thought(statement: cst.SimpleStatementLine, call: cst.Call, position: int, keyword: str) -> Replacement:
    text = get_argument(call, position, keyword)
    others = [each.value for each in call.args if each.value is not text]
    if not has_no_effects(others) or any(each.star for each in call.args) or isinstance(text, cst.Dict):
        return None
    if text is None:
        return []  # emit_agent_started() and the like, without a text
    return [build_think_statement(statement, text)]


def _is_emitted_by_netra(emit: str, call: cst.Call, after: Sequence[cst.CSTNode], called: frozenset[str]) -> bool:
    if not has_no_effects([each.value for each in call.args]):
        return False
    if emit in TOOL_EMITS:
        return get_string_value(get_argument(call, 0, "tool_name")) in called
    if emit == "emit_error":
        return bool(after) and m.matches(after[0], m.SimpleStatementLine(body=[m.Raise(exc=None)]))
    if emit == "emit_agent_completed":
        return not any(_has_await_or_raise(each) for each in after)
    return emit == "set_websocket_bridge"


def _has_await_or_raise(statement: cst.CSTNode) -> bool:
    return bool(find_nodes(statement, cst.Await) or find_nodes(statement, cst.Raise))


def extract_opening(agent: LegacyAgent) -> LegacyAgent:
    method = agent.find_method(agent.entry_method)
    if method is None:
        return agent
    thought = _find_leading_thought(method.body.body)
    # A thought with a call stays where it is: its error would no longer be caught there.
    if thought is None or not has_no_effects([_get_thought(thought)]):
        return agent
    body = cst.ensure_type(method.body.visit(_StatementRemover(thought)), cst.IndentedBlock)
    return replace(agent.with_method(method, method.with_changes(body=body)), opening=_build_return(thought))


def _find_leading_thought(body: Sequence[cst.CSTNode]) -> cst.SimpleStatementLine | None:
    rest = [each for each in body if not is_docstring(each)]
    if rest and isinstance(rest[0], cst.Try):
        return _find_leading_thought(rest[0].body.body)
    return cst.ensure_type(rest[0], cst.SimpleStatementLine) if rest and m.matches(rest[0], THINK_STATEMENT) else None


def _get_thought(line: cst.SimpleStatementLine) -> cst.BaseExpression:
    awaited = cst.ensure_type(cst.ensure_type(line.body[0], cst.Expr).value, cst.Await)
    return cst.ensure_type(awaited.expression, cst.Call).args[0].value


def _build_return(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    return line.with_changes(body=[cst.Return(_get_thought(line))], leading_lines=get_leading_comments(line))


class _StatementRemover(IdentityTransformer):
    def __init__(self, line: cst.SimpleStatementLine) -> None:
        super().__init__()
        self.line = line

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        return cst.RemoveFromParent() if original_node is self.line else updated_node
