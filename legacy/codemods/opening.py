"""The thought that a turn begins with: BaseAgent tells it before perform."""

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import commented
from legacy.codemods.keeping import Keeping
from legacy.codemods.shapes import docstring, effectless

THINK = m.SimpleStatementLine(
    body=[
        m.Expr(
            value=m.Await(
                expression=m.Call(func=m.Attribute(value=m.Name("self"), attr=m.Name("think")), args=[m.Arg()])
            )
        )
    ]
)


def first_thought(agent: Agent) -> Agent:
    method = agent.method(agent.entry)
    if method is None:
        return agent
    thought = _leading(method.body.body)
    # Only what is told in any case can be told first; a call could fail outside what would have caught it.
    if thought is None or not effectless([_said(thought)]):
        return agent
    body = cst.ensure_type(method.body.visit(_Without(thought)), cst.IndentedBlock)
    return replace(agent.with_method(method, method.with_changes(body=body)), opening=_returning(thought))


def _leading(body: Sequence[cst.CSTNode]) -> cst.SimpleStatementLine | None:
    rest = [each for each in body if not docstring(each)]
    if rest and isinstance(rest[0], cst.Try):
        return _leading(rest[0].body.body)
    return cst.ensure_type(rest[0], cst.SimpleStatementLine) if rest and m.matches(rest[0], THINK) else None


def _said(line: cst.SimpleStatementLine) -> cst.BaseExpression:
    asked = cst.ensure_type(cst.ensure_type(line.body[0], cst.Expr).value, cst.Await)
    return cst.ensure_type(asked.expression, cst.Call).args[0].value


def _returning(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    return line.with_changes(body=[cst.Return(_said(line))], leading_lines=commented(line))


class _Without(Keeping):
    def __init__(self, line: cst.SimpleStatementLine) -> None:
        super().__init__()
        self.line = line

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        return cst.RemoveFromParent() if original_node is self.line else updated_node
