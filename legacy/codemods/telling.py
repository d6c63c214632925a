"""Words for the user: thoughts are thought; what BaseAgent and the dispatcher tell by themselves goes."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import Statements, rewritten
from legacy.codemods.dispatchers import tool_named
from legacy.codemods.left import Left
from legacy.codemods.shapes import argument, awaited_call, effectless, found, of_self, text, thinking

THOUGHTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "emit_agent_started": (0, "message"),
        "emit_thinking": (0, "thought"),
        "emit_progress": (0, "content"),
        "send_status_update": (2, "message"),
    }
)
"""By call: which argument is the text."""

TOOLS = frozenset({"emit_tool_executing", "emit_tool_completed"})


def thought(agent: Agent) -> Agent:
    called = dispatched(agent.node)
    for method in agent.methods:
        left: list[Left] = []

        def change(
            statement: cst.CSTNode, after: Sequence[cst.CSTNode], left: list[Left] = left, agent: Agent = agent
        ) -> Statements:
            call = awaited_call(statement)
            told = of_self(call.func) if call else None
            if call is None or told is None or not isinstance(statement, cst.SimpleStatementLine):
                return None
            if told in THOUGHTS:
                return _thought(statement, call, *THOUGHTS[told])
            if _told_by_netra(told, call, after, called):
                if told == "emit_error":
                    left.append(agent.places.left(call, ERROR, blocks=False))
                return []
            return None

        agent = agent.with_method(method, rewritten(method, change)).leaving(*left)
    return agent


ERROR = "removed: BaseAgent tells the failure, once; for words of your own raise a UserError with them"


def dispatched(node: cst.CSTNode) -> frozenset[str]:
    """The literal names of the tools that are called within."""
    dispatch = m.Call(func=m.Attribute(attr=m.Name("dispatch") | m.Name("dispatch_tool")))
    tools = [text(tool_named(call)) for call in found(node, cst.Call) if m.matches(call, dispatch)]
    return frozenset(tool for tool in tools if tool)


def _thought(statement: cst.SimpleStatementLine, call: cst.Call, position: int, keyword: str) -> Statements:
    said = argument(call, position, keyword)
    others = [each.value for each in call.args if each.value is not said]
    if not effectless(others) or any(each.star for each in call.args) or isinstance(said, cst.Dict):
        return None
    if said is None:
        return []  # emit_agent_started() and the like without a word
    return [thinking(statement, said)]


def _told_by_netra(told: str, call: cst.Call, after: Sequence[cst.CSTNode], called: frozenset[str]) -> bool:
    if not effectless([each.value for each in call.args]):
        return False
    if told in TOOLS:
        return text(argument(call, 0, "tool_name")) in called
    if told == "emit_error":
        return bool(after) and m.matches(after[0], m.SimpleStatementLine(body=[m.Raise(exc=None)]))
    if told == "emit_agent_completed":
        return not any(_acts(each) for each in after)
    return told == "set_websocket_bridge"


def _acts(statement: cst.CSTNode) -> bool:
    return bool(found(statement, cst.Await) or found(statement, cst.Raise))
