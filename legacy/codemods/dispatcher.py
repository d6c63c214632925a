"""Convert tool calls to the turn's own dispatcher, and open it around the statements that use it."""

from dataclasses import replace
from typing import Any

import libcst as cst
from libcst import matchers as m

from legacy.codemods.aliases import (
    DISPATCHER_GETTER,
    DISPATCHER_NAMES,
    find_dispatcher_aliases,
    find_dispatcher_names,
    remove_unused_aliases,
)
from legacy.codemods.legacy_agent import OWNER_ARGUMENTS, LegacyAgent, MigrationIssue
from legacy.codemods.syntax import (
    IdentityTransformer,
    find_nodes,
    find_variable_uses,
    get_argument,
    get_self_attribute,
    get_string_value,
)

TURN_DISPATCHER = "turn_dispatcher"
"""The variable of the migrated code. Legacy agents have `dispatcher` and `tool_dispatcher` themselves."""
RESPONSE_FIELDS = frozenset({"success", "result", "error", "status", "payload", "data", "message", "metadata"})
"""Fields of the response objects that some legacy dispatchers return."""
REVIEW_RAISES = "dispatch_tool returned errors in its response; dispatch raises ToolFailed or ToolRefused"
UNSUPPORTED_RESPONSE = (
    "dispatch_tool returns success, result and error, while dispatch returns the value or raises: read .result of "
    "the call itself, and catch the errors"
)


def get_tool_name_argument(call: cst.Call) -> cst.BaseExpression | None:
    """Return the argument that names the tool. With a positional argument, `name=` is an argument of the tool."""
    first = get_argument(call, 0, "tool_name")
    return first if first is not None else get_argument(call, None, "name")


def convert_dispatch_calls(agent: LegacyAgent) -> LegacyAgent:
    tools: list[str] = []
    for method in agent.methods:
        change = _DispatchConverter(agent, method)
        done = remove_unused_aliases(
            cst.ensure_type(method.visit(change), cst.FunctionDef), find_dispatcher_aliases(method)
        )
        agent = agent.with_method(method, done).with_issues(*change.issues)
        tools += change.tools
    return replace(agent, tools=tuple(dict.fromkeys(tools)))


class _DispatchConverter(IdentityTransformer):
    def __init__(self, agent: LegacyAgent, method: cst.FunctionDef) -> None:
        super().__init__()
        self.agent, self.issues, self.tools = agent, list[MigrationIssue](), list[str]()
        self.dispatchers = find_dispatcher_names(method)
        self.bare_statements = {each.value for each in find_nodes(method, cst.Expr)}
        self.nested_calls = {call for each in _find_nested_functions(method) for call in find_nodes(each, cst.Call)}
        self.unwrapped = _find_unwrapped_dispatches(method)
        self.result_reads = {
            each.value for each in find_nodes(method, cst.Attribute) if _is_result_read(each, self.dispatchers)
        }
        self.handlers = {
            call: _classify_handlers(each)
            for each in find_nodes(method, cst.Try)
            for call in find_nodes(each.body, cst.Call)
        }

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:  # noqa: N802
        call, original_call = updated_node.expression, original_node.expression
        if (
            not isinstance(call, cst.Call)
            or not isinstance(original_call, cst.Call)
            or not _is_dispatch(call, self.dispatchers)
        ):
            return updated_node
        tool, arguments = get_string_value(get_tool_name_argument(call)), _build_arguments(call)
        why = self._find_obstacle(original_call, original_node, tool, arguments)
        if why or tool is None or arguments is None:
            self._add_issue(original_call, why)
            return updated_node
        if _is_dispatch_tool(original_call):
            self._add_issue(original_call, REVIEW_RAISES, blocks=False)
        if self.handlers.get(original_call) == "any":
            self._add_issue(
                original_call,
                "the error caught here is now a ToolFailed or ToolRefused, with a message for the user",
                blocks=False,
            )
        self.tools.append(tool)
        named = get_tool_name_argument(call)
        dispatch = cst.parse_expression(f"{TURN_DISPATCHER}.dispatch")
        dispatch_call = cst.Call(dispatch, [cst.Arg(named or cst.Name("None")), cst.Arg(arguments)])
        awaited = cst.Await(dispatch_call)
        if original_node in self.bare_statements:
            return awaited
        paren = awaited.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        # Legacy code reads plain data; a tool of Netra returns a typed value.
        return cst.Call(cst.Name("to_jsonable"), [cst.Arg(cst.Attribute(paren, cst.Name("value")))])

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        is_converted = original_node.value in self.result_reads and updated_node.value is not original_node.value
        return updated_node.value if is_converted else updated_node

    def _add_issue(self, node: cst.CSTNode, why: str | None, *, blocks: bool = True) -> None:
        reason = why or "the call's arguments are not written out"
        self.issues.append(self.agent.build_issue(node, reason, blocks=blocks))

    def _find_obstacle(
        self, call: cst.Call, awaited: cst.Await, tool: str | None, arguments: cst.BaseExpression | None
    ) -> str | None:
        if tool is None:
            return "the tool's name is not a literal; an agent can call only the tools that its class lists"
        if arguments is None:
            return "these arguments are ambiguous; write them as keywords, or as a dict for dispatch_tool"
        owners = sorted(OWNER_ARGUMENTS & _list_literal_keys(arguments))
        if owners:
            return f"{', '.join(owners)}: a tool takes no owner as an argument; its ToolContext has the owner"
        return self._find_context_obstacle(call, awaited)

    def _find_context_obstacle(self, call: cst.Call, awaited: cst.Await) -> str | None:
        if call in self.nested_calls:
            return "called in a nested function, which may outlive the turn's dispatcher"
        if self.handlers.get(call) == "some":
            return "catches a tool's own error; dispatch raises ToolFailed or ToolRefused instead"
        if _is_dispatch_tool(call):
            return None if awaited in self.result_reads or awaited in self.bare_statements else UNSUPPORTED_RESPONSE
        if awaited in self.unwrapped:
            return "reads .success, .result or similar from the response; dispatch returns the tool's value or raises"
        return None


def _is_dispatch(call: cst.Call, known: frozenset[str]) -> bool:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in ("dispatch", "dispatch_tool"):
        return False
    receiver = call.func.value
    named = (
        receiver.value in known if isinstance(receiver, cst.Name) else get_self_attribute(receiver) in DISPATCHER_NAMES
    )
    return named or m.matches(receiver, DISPATCHER_GETTER)


def _is_dispatch_tool(call: cst.Call) -> bool:
    return cst.ensure_type(call.func, cst.Attribute).attr.value == "dispatch_tool"


def _is_result_read(node: cst.Attribute, known: frozenset[str]) -> bool:
    awaited = node.value.expression if isinstance(node.value, cst.Await) else None
    return (
        node.attr.value == "result"
        and isinstance(awaited, cst.Call)
        and _is_dispatch(awaited, known)
        and _is_dispatch_tool(awaited)
    )


def _build_arguments(call: cst.Call) -> cst.BaseExpression | None:
    if _is_dispatch_tool(call):
        parameters = get_argument(call, 1, "parameters")
        plain = len([each for each in call.args if each.keyword is None])
        return parameters if parameters is not None and len(call.args) <= 4 and plain >= 1 else None
    first, rest = call.args[0], call.args[1:]
    if first.keyword is not None or any(each.keyword is None and each.star != "**" for each in rest):
        return None
    return cst.Dict(
        [
            cst.StarredDictElement(each.value)
            if each.keyword is None
            else cst.DictElement(cst.SimpleString(f'"{each.keyword.value}"'), each.value)
            for each in rest
        ]
    )


def _list_literal_keys(arguments: cst.BaseExpression) -> set[str]:
    elements = arguments.elements if isinstance(arguments, cst.Dict) else ()
    return {get_string_value(each.key) or "" for each in elements if isinstance(each, cst.DictElement)}


def _find_nested_functions(method: cst.FunctionDef) -> list[cst.CSTNode]:
    return [*find_nodes(method.body, cst.FunctionDef), *find_nodes(method.body, cst.Lambda)]


def _classify_handlers(block: cst.Try) -> str:
    """Return "any" if the handlers catch every error of a tool, "some" if they catch some, "" if none."""
    kinds = [each.type for each in block.handlers]
    if any(kind is None or m.matches(kind, m.Name("Exception") | m.Name("BaseException")) for kind in kinds):
        return "any" if len(kinds) == 1 else "some"
    return "some" if kinds else ""


def _find_unwrapped_dispatches(method: cst.FunctionDef) -> set[cst.Await]:
    """Return the dispatches whose result is read like a response object."""
    read = m.Attribute(value=m.Name(), attr=m.Name(value=m.MatchIfTrue(RESPONSE_FIELDS.__contains__)))
    read_names = {
        cst.ensure_type(cst.ensure_type(each, cst.Attribute).value, cst.Name).value for each in m.findall(method, read)
    }
    wrapped = {
        each.value
        for each in find_nodes(method, cst.Assign)
        if any(isinstance(t.target, cst.Name) and t.target.value in read_names for t in each.targets)
    }
    direct = {each.value for each in find_nodes(method, cst.Attribute) if each.attr.value in RESPONSE_FIELDS}
    return {each for each in (*wrapped, *direct) if isinstance(each, cst.Await)}


def wrap_in_dispatcher(agent: LegacyAgent) -> LegacyAgent:
    for method in agent.methods:
        used = [place for place, each in enumerate(method.body.body) if _has_dispatcher_use(each)]
        if used:
            agent = agent.with_method(method, method.with_changes(body=_wrap_statements(method, used[0], used[-1] + 1)))
    return agent


def _wrap_statements(method: cst.FunctionDef, begin: int, end: int) -> cst.BaseSuite:
    statements = list(method.body.body)
    source = f"async with self.open_dispatcher(run_input) as {TURN_DISPATCHER}:\n    pass\n"
    block = cst.ensure_type(cst.parse_statement(source), cst.With)
    first = statements[begin]
    inside: list[Any] = [first.with_changes(leading_lines=[]), *statements[begin + 1 : end]]
    opened = block.with_changes(
        leading_lines=list(getattr(first, "leading_lines", [])), body=cst.IndentedBlock(body=inside)
    )
    return method.body.with_changes(body=[*statements[:begin], opened, *statements[end:]])


def _has_dispatcher_use(node: cst.CSTNode) -> bool:
    return any(each.value == TURN_DISPATCHER for each in find_variable_uses(node))
