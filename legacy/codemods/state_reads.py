"""Reads of the state: whose run it is comes from the context, what is asked from the brief."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.handed import Handed, handed
from legacy.codemods.keeping import Keeping
from legacy.codemods.shapes import found, uses
from legacy.codemods.surface import IDS

OF_CONTEXT = m.Attribute(value=m.Attribute(value=m.Name("self"), attr=m.Name("context")))
AS_TEXT = m.Call(func=m.Name("str"), args=[m.Arg(value=OF_CONTEXT)])


def read_from_context(agent: Agent) -> Agent:
    """Ids were texts and are UUIDs, so they are made texts; within an f-string they are written so anyway."""
    for method in agent.methods:
        body = cst.ensure_type(method.body.visit(_Reading(handed(agent, method), method)), cst.IndentedBlock)
        agent = agent.with_method(method, method.with_changes(body=body))
    return agent


class _Reading(Keeping):
    def __init__(self, mine: Handed, method: cst.FunctionDef) -> None:
        super().__init__()
        self.mine = mine
        # What is bound again inside is no longer what was handed in; the name stays, and is left.
        bound = {target.target for target in _targets(method)}
        self.rebound = {each.value for each in bound if isinstance(each, cst.Name)}
        added = {each.target for each in found(method, cst.AugAssign)}
        self.changed = added | {each.target for each in found(method, cst.AnnAssign)}
        self.run_ids = {each for each in uses(method.body) if each.value == mine.run_id} if mine.run_id else set()

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
        if original_node in self.run_ids and original_node.value not in self.rebound:
            return _text("run_id")
        return updated_node

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:  # noqa: N802
        return False

    def visit_Del(self, node: cst.Del) -> bool:  # noqa: N802
        return False

    def visit_AugAssign(self, node: cst.AugAssign) -> None:  # noqa: N802
        if isinstance(node.target, cst.Name):
            self.rebound.add(node.target.value)

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        changed = self.mine.carrier in self.rebound or original_node in self.changed
        if changed or not self._of_carrier(original_node):
            return updated_node
        field = original_node.attr.value
        if field == "user_request":
            return cst.parse_expression("brief.ask")
        if field in IDS:
            return _text(IDS[field])
        return updated_node

    def leave_FormattedStringExpression(  # noqa: N802
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.FormattedStringExpression:
        as_text = updated_node.conversion in (None, "s")
        plain = as_text and updated_node.format_spec is None and updated_node.equal is None
        if plain and m.matches(updated_node.expression, AS_TEXT):
            return updated_node.with_changes(
                conversion=None, expression=cst.ensure_type(updated_node.expression, cst.Call).args[0].value
            )
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802
        alone = len(updated_node.args) == 1 and m.matches(updated_node.func, m.Name("str"))
        return updated_node.args[0].value if alone and m.matches(updated_node.args[0].value, AS_TEXT) else updated_node

    def _of_carrier(self, node: cst.Attribute) -> bool:
        carrier = m.Name(self.mine.carrier or "")
        through = m.Attribute(value=carrier, attr=m.Name("state"))
        return m.matches(node.value, carrier if self.mine.kind == "state" else carrier | through)


def _text(field: str) -> cst.BaseExpression:
    return cst.parse_expression(f"str(self.context.{field})")


def _targets(method: cst.FunctionDef) -> list[cst.AssignTarget]:
    return [cst.ensure_type(each, cst.AssignTarget) for each in m.findall(method, m.AssignTarget())]
