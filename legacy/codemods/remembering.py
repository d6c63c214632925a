"""Ids, states and contexts that an agent kept on itself: read where they are needed, from what is handed down."""

from collections.abc import Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import rewritten
from legacy.codemods.handed import handed
from legacy.codemods.keeping import Keeping
from legacy.codemods.kept import BRIDGE, CARRIER, EMPTY, NOTHING, bridges, field_of, kept, kept_lines, writes
from legacy.codemods.shapes import found, of_self
from legacy.codemods.surface import IDS

INJECTED = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
"""Put on every agent after its constructor, whatever that has put there."""
LOOK = "no longer kept: it is read from the run's own context where it is needed, which nobody else's turn can change"


def forgotten(agent: Agent) -> Agent:
    mine = kept(agent)
    lines = [(name, source, line) for name, source, line in writes(agent) if name in mine and line is not None]
    written = {line for _, _, line in lines}
    read = {of_self(each) for each in found(agent.node, cst.Attribute) if each not in _targets(written)}
    for name, source, line in lines:
        if name in read and source != EMPTY:
            agent = agent.leaving(agent.places.left(line, LOOK, blocks=False))
    agent = _unbridged(agent)
    for method in agent.methods:
        plain = rewritten(method, lambda statement, _: [] if statement in written else None)
        carrier = handed(agent, method).carrier if method.name.value == agent.entry else None
        agent = agent.with_method(method, cst.ensure_type(plain.visit(_Forgetting(mine, carrier)), cst.FunctionDef))
    return agent


def _unbridged(agent: Agent) -> Agent:
    """Without a set_websocket_bridge that only keeps what it is handed, and without the nothing that was there before:
    whoever still reads what it kept is left."""
    bridge, born = agent.method(BRIDGE), agent.method("__init__")
    gone = set(INJECTED)
    if bridge is not None and bridges(bridge):
        gone |= {name for _, name, _ in kept_lines(bridge)}
        agent = agent.with_members([each for each in agent.node.body.body if each is not bridge])
    if born is None:
        return agent
    empty = {line for line, name, value in kept_lines(born) if name in gone and m.matches(value, NOTHING)}
    return agent.with_method(born, rewritten(born, lambda statement, _: [] if statement in empty else None))


def _targets(lines: set[cst.SimpleStatementLine]) -> set[cst.CSTNode]:
    return {each for line in lines for target in found(line, cst.AssignTarget) for each in found(target, cst.Attribute)}


class _Forgetting(Keeping):
    """`carrier` is what the turn's own method was handed; the others read the brief and the context instead."""

    def __init__(self, mine: Mapping[str, str], carrier: str | None) -> None:
        super().__init__()
        self.mine, self.carrier = mine, carrier

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        source = self.mine.get(of_self(original_node) or "")
        if source is None:
            return self._field(original_node, updated_node)
        if source != CARRIER:
            return cst.parse_expression(f"str(self.context.{source})")
        return cst.Name(self.carrier) if self.carrier is not None else updated_node

    def _field(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if self.carrier is not None:
            return updated_node
        for name, source in self.mine.items():
            holder = m.Attribute(value=m.Name("self"), attr=m.Name(name))
            field = field_of(original_node, holder, {**IDS, "user_request": "ask"}) if source == CARRIER else None
            if field is not None:
                return cst.parse_expression("brief.ask" if field == "ask" else f"str(self.context.{field})")
        return updated_node
