"""Replace reads of the state: ids come from the context, the request from the run input."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.legacy_api import CONTEXT_FIELDS
from legacy.codemods.syntax import IdentityTransformer, find_nodes, find_variable_uses

CONTEXT_ATTRIBUTE = m.Attribute(value=m.Attribute(value=m.Name("self"), attr=m.Name("context")))
CONTEXT_ATTRIBUTE_TEXT = m.Call(func=m.Name("str"), args=[m.Arg(value=CONTEXT_ATTRIBUTE)])


def convert_state_reads(agent: LegacyAgent) -> LegacyAgent:
    """Ids were strings and are UUIDs now, so `str` is called for each, but not within an f-string."""
    for method in agent.methods:
        body = cst.ensure_type(
            method.body.visit(_StateReadReplacer(find_run_parameters(agent, method), method)), cst.IndentedBlock
        )
        agent = agent.with_method(method, method.with_changes(body=body))
    return agent


class _StateReadReplacer(IdentityTransformer):
    def __init__(self, parameters: RunParameters, method: cst.FunctionDef) -> None:
        super().__init__()
        self.parameters = parameters
        # A parameter that is rebound may hold something else: its reads stay, and are reported.
        bound = {target.target for target in _find_assign_targets(method)}
        self.rebound = {each.value for each in bound if isinstance(each, cst.Name)}
        added = {each.target for each in find_nodes(method, cst.AugAssign)}
        self.changed = added | {each.target for each in find_nodes(method, cst.AnnAssign)}
        self.run_ids = (
            {each for each in find_variable_uses(method.body) if each.value == parameters.run_id}
            if parameters.run_id
            else set()
        )

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
        if original_node in self.run_ids and original_node.value not in self.rebound:
            return _build_context_text("run_id")
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
        changed = self.parameters.carrier in self.rebound or original_node in self.changed
        if changed or not self._is_carrier_attribute(original_node):
            return updated_node
        field = original_node.attr.value
        if field == "user_request":
            return cst.parse_expression("run_input.ask")
        if field in CONTEXT_FIELDS:
            return _build_context_text(CONTEXT_FIELDS[field])
        return updated_node

    def leave_FormattedStringExpression(  # noqa: N802
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.FormattedStringExpression:
        as_text = updated_node.conversion in (None, "s")
        plain = as_text and updated_node.format_spec is None and updated_node.equal is None
        if plain and m.matches(updated_node.expression, CONTEXT_ATTRIBUTE_TEXT):
            return updated_node.with_changes(
                conversion=None, expression=cst.ensure_type(updated_node.expression, cst.Call).args[0].value
            )
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802
        alone = len(updated_node.args) == 1 and m.matches(updated_node.func, m.Name("str"))
        return (
            updated_node.args[0].value
            if alone and m.matches(updated_node.args[0].value, CONTEXT_ATTRIBUTE_TEXT)
            else updated_node
        )

    def _is_carrier_attribute(self, node: cst.Attribute) -> bool:
        carrier = m.Name(self.parameters.carrier or "")
        through = m.Attribute(value=carrier, attr=m.Name("state"))
        return m.matches(node.value, carrier if self.parameters.kind == "state" else carrier | through)


def _build_context_text(field: str) -> cst.BaseExpression:
    return cst.parse_expression(f"str(self.context.{field})")


def _find_assign_targets(method: cst.FunctionDef) -> list[cst.AssignTarget]:
    return [cst.ensure_type(each, cst.AssignTarget) for each in m.findall(method, m.AssignTarget())]
