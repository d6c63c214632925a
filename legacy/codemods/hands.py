"""The block in which a turn's hands are open: from the first statement that uses them to the last."""

from typing import Any

import libcst as cst

from legacy.codemods.agent import Agent
from legacy.codemods.shapes import uses


def opened(agent: Agent) -> Agent:
    for method in agent.methods:
        used = [place for place, each in enumerate(method.body.body) if _uses_hands(each)]
        if used:
            agent = agent.with_method(method, method.with_changes(body=_wrapped(method, used[0], used[-1] + 1)))
    return agent


def _wrapped(method: cst.FunctionDef, begin: int, end: int) -> cst.BaseSuite:
    statements = list(method.body.body)
    block = cst.ensure_type(cst.parse_statement("async with self.hands(brief) as hands:\n    pass\n"), cst.With)
    first = statements[begin]
    inside: list[Any] = [first.with_changes(leading_lines=[]), *statements[begin + 1 : end]]
    opened = block.with_changes(
        leading_lines=list(getattr(first, "leading_lines", [])), body=cst.IndentedBlock(body=inside)
    )
    return method.body.with_changes(body=[*statements[:begin], opened, *statements[end:]])


def _uses_hands(node: cst.CSTNode) -> bool:
    return any(each.value == "hands" for each in uses(node))
