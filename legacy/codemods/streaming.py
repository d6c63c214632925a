"""`if stream_updates:` or `if self.websocket_bridge:` around words for the user: Netra always tells."""

from collections.abc import Sequence

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import Statements, rewritten
from legacy.codemods.handed import Handed, handed
from legacy.codemods.shapes import awaited_call, of_self

WAYS = frozenset({"websocket_bridge", "websocket_manager"})


def told_always(agent: Agent) -> Agent:
    for method in agent.methods:
        mine = handed(agent, method)

        def change(statement: cst.CSTNode, after: Sequence[cst.CSTNode], mine: Handed = mine) -> Statements:
            if not isinstance(statement, cst.If) or statement.orelse:
                return None
            if not _streaming(statement.test, mine) and not _connected(statement.test):
                return None
            inside = [each for each in statement.body.body if isinstance(each, cst.SimpleStatementLine)]
            if len(inside) < len(statement.body.body) or not all(_telling(each) for each in inside):
                return None
            first = inside[0]
            return [first.with_changes(leading_lines=[*statement.leading_lines, *first.leading_lines]), *inside[1:]]

        agent = agent.with_method(method, rewritten(method, change))
    return agent


def _streaming(test: cst.BaseExpression, mine: Handed) -> bool:
    name = mine.stream if mine.kind == "state" else None
    if name is not None:
        return m.matches(test, m.Name(name))
    return mine.kind == "context" and m.matches(
        test, m.Attribute(value=m.Name(mine.carrier or ""), attr=m.Name("stream_updates"))
    )


def _connected(test: cst.BaseExpression) -> bool:
    """`self.websocket_bridge`, or that it is not None: an agent of a run always has its way to the user."""
    there = m.Comparison(comparisons=[m.ComparisonTarget(operator=m.IsNot(), comparator=m.Name("None"))])
    if m.matches(test, there):
        test = cst.ensure_type(test, cst.Comparison).left
    return of_self(test) in WAYS


def _telling(statement: cst.CSTNode) -> bool:
    call = awaited_call(statement)
    if call is not None and isinstance(call.func, cst.Attribute) and of_self(call.func.value) in WAYS:
        return True
    told = of_self(call.func) if call else None
    return told is not None and (told.startswith("emit_") or told == "send_status_update") and told != "emit_error"
