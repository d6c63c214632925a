"""Calls of tools: by the hands of the turn, which reach the named tools only."""

from dataclasses import replace

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.dispatchers import DISPATCHERS, MAKER, aliases, dispatchers, tool_named, unheld
from legacy.codemods.keeping import Keeping
from legacy.codemods.left import Left
from legacy.codemods.shapes import argument, found, of_self, text
from legacy.codemods.surface import WHOSE

RESULT = frozenset({"success", "result", "error", "status", "payload", "data", "message", "metadata"})
"""What callers read of the old dispatchers' answers, where those were wrapped."""

RAISES = "dispatch_tool told of a failure in its answer; hands.dispatch raises ToolFailed or ToolRefused"
ANSWERS = (
    "dispatch_tool answers with success, result and error; hands.dispatch gives the value or raises: read .result of "
    "the call itself, and catch what is to be caught"
)


def by_hand(agent: Agent) -> Agent:
    tools: list[str] = []
    for method in agent.methods:
        change = _Dispatching(agent, method)
        done = unheld(cst.ensure_type(method.visit(change), cst.FunctionDef), aliases(method))
        agent = agent.with_method(method, done).leaving(*change.left)
        tools += change.tools
    return replace(agent, tools=tuple(dict.fromkeys(tools)))


class _Dispatching(Keeping):
    def __init__(self, agent: Agent, method: cst.FunctionDef) -> None:
        super().__init__()
        self.agent, self.left, self.tools = agent, list[Left](), list[str]()
        self.dispatchers = dispatchers(method)
        self.idle = {each.value for each in found(method, cst.Expr)}
        self.within = {call for each in _nested(method) for call in found(each, cst.Call)}
        self.wrapped = _wrapped_names(method)
        self.read = {each.value for each in found(method, cst.Attribute) if _reads_result(each, self.dispatchers)}
        self.caught = {call: _catches(each) for each in found(method, cst.Try) for call in found(each.body, cst.Call)}

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:  # noqa: N802
        call, was = updated_node.expression, original_node.expression
        if not isinstance(call, cst.Call) or not isinstance(was, cst.Call) or not _dispatch(call, self.dispatchers):
            return updated_node
        tool, arguments = text(tool_named(call)), _arguments(call)
        why = self._unsure(was, original_node, tool, arguments)
        if why or tool is None or arguments is None:
            self._leave(was, why)
            return updated_node
        if _answers(was):
            self._leave(was, RAISES, blocks=False)
        if self.caught.get(was) == "any":
            self._leave(
                was, "what is caught here is a ToolFailed or ToolRefused now, in words for the user", blocks=False
            )
        self.tools.append(tool)
        named = tool_named(call)
        made = cst.Call(
            cst.parse_expression("hands.dispatch"), [cst.Arg(named or cst.Name("None")), cst.Arg(arguments)]
        )
        asked = cst.Await(made)
        if original_node in self.idle:
            return asked
        paren = asked.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        # Old code reads plain data, and a tool of Netra's gives a typed value.
        return cst.Call(cst.Name("jsonable"), [cst.Arg(cst.Attribute(paren, cst.Name("value")))])

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        made = original_node.value in self.read and updated_node.value is not original_node.value
        return updated_node.value if made else updated_node

    def _leave(self, node: cst.CSTNode, why: str | None, *, blocks: bool = True) -> None:
        reason = why or "these arguments are not written out"
        self.left.append(self.agent.places.left(node, reason, blocks=blocks))

    def _unsure(
        self, call: cst.Call, asked: cst.Await, tool: str | None, arguments: cst.BaseExpression | None
    ) -> str | None:
        if tool is None:
            return "the tool's name is not a literal; an agent's hands reach only the tools that its class names"
        if arguments is None:
            return "these arguments cannot be told apart; write them as keywords, or as a dict for dispatch_tool"
        whose = sorted(WHOSE & _keys(arguments))
        if whose:
            said = ", ".join(whose)
            return f"{said}: whose data a tool works on is never among its arguments, its ToolContext says it"
        return self._unsure_here(call, asked)

    def _unsure_here(self, call: cst.Call, asked: cst.Await) -> str | None:
        if call in self.within:
            return "called within a function of its own, which may outlive the turn's hands"
        if self.caught.get(call) == "some":
            return "this catches a tool's own error; hands.dispatch raises ToolFailed or ToolRefused in its place"
        if _answers(call):
            return None if asked in self.read or asked in self.idle else ANSWERS
        if asked in self.wrapped:
            return "reads .success, .result or the like of the answer; hands.dispatch gives the tool's value, or raises"
        return None


def _dispatch(call: cst.Call, known: frozenset[str]) -> bool:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in ("dispatch", "dispatch_tool"):
        return False
    sender = call.func.value
    named = sender.value in known if isinstance(sender, cst.Name) else of_self(sender) in DISPATCHERS
    return named or m.matches(sender, MAKER)


def _answers(call: cst.Call) -> bool:
    return cst.ensure_type(call.func, cst.Attribute).attr.value == "dispatch_tool"


def _reads_result(node: cst.Attribute, known: frozenset[str]) -> bool:
    asked = node.value.expression if isinstance(node.value, cst.Await) else None
    return node.attr.value == "result" and isinstance(asked, cst.Call) and _dispatch(asked, known) and _answers(asked)


def _arguments(call: cst.Call) -> cst.BaseExpression | None:
    if _answers(call):
        given = argument(call, 1, "parameters")
        plain = len([each for each in call.args if each.keyword is None])
        return given if given is not None and len(call.args) <= 4 and plain >= 1 else None
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


def _keys(arguments: cst.BaseExpression) -> set[str]:
    elements = arguments.elements if isinstance(arguments, cst.Dict) else ()
    return {text(each.key) or "" for each in elements if isinstance(each, cst.DictElement)}


def _nested(method: cst.FunctionDef) -> list[cst.CSTNode]:
    return [*found(method.body, cst.FunctionDef), *found(method.body, cst.Lambda)]


def _catches(block: cst.Try) -> str:
    """Whether its handlers catch "any" error of a tool, "some", or none ("")."""
    kinds = [each.type for each in block.handlers]
    if any(kind is None or m.matches(kind, m.Name("Exception") | m.Name("BaseException")) for kind in kinds):
        return "any" if len(kinds) == 1 else "some"
    return "some" if kinds else ""


def _wrapped_names(method: cst.FunctionDef) -> set[cst.Await]:
    """Dispatches whose answer is looked into as if it were wrapped."""
    read = m.Attribute(value=m.Name(), attr=m.Name(value=m.MatchIfTrue(RESULT.__contains__)))
    looked = {
        cst.ensure_type(cst.ensure_type(each, cst.Attribute).value, cst.Name).value for each in m.findall(method, read)
    }
    wrapped = {
        each.value
        for each in found(method, cst.Assign)
        if any(isinstance(t.target, cst.Name) and t.target.value in looked for t in each.targets)
    }
    direct = {each.value for each in found(method, cst.Attribute) if each.attr.value in RESULT}
    return {each for each in (*wrapped, *direct) if isinstance(each, cst.Await)}
