"""Replace reads of the state, and of ids and states stored on self: ids come from the context, the request from the run
input."""

from collections.abc import Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import CONTEXT_FIELDS, LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.state_fields import (
    EMPTY_LITERAL,
    EMPTY_VALUE,
    SET_BRIDGE_METHOD,
    WHOLE_STATE,
    find_self_assignments,
    find_state_fields,
    find_state_writes,
    get_carrier_field,
    is_plain_bridge_setter,
)
from legacy.codemods.syntax import (
    IdentityTransformer,
    find_nodes,
    find_variable_uses,
    get_self_attribute,
    rewrite_statements,
)

INJECTED_FIELDS = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
"""Attributes that every legacy agent gets after its constructor has run."""
REVIEW_STATE_FIELD = "no longer stored on self: it is read from the run's own context, which no other turn can change"
CONTEXT_ATTRIBUTE = m.Attribute(value=m.Attribute(value=m.Name("self"), attr=m.Name("context")))
CONTEXT_ATTRIBUTE_TEXT = m.Call(func=m.Name("str"), args=[m.Arg(value=CONTEXT_ATTRIBUTE)])


def remove_state_fields(agent: LegacyAgent) -> LegacyAgent:
    sources = find_state_fields(agent)
    lines = [
        (name, source, line) for name, source, line in find_state_writes(agent) if name in sources and line is not None
    ]
    written = {line for _, _, line in lines}
    read = {
        get_self_attribute(each)
        for each in find_nodes(agent.node, cst.Attribute)
        if each not in _list_assigned_attributes(written)
    }
    for name, source, line in lines:
        if name in read and source != EMPTY_VALUE:
            agent = agent.with_issues(agent.build_issue(line, REVIEW_STATE_FIELD, blocks=False))
    agent = _remove_bridge_setter(agent)
    for method in agent.methods:
        plain = rewrite_statements(method, lambda statement, _: [] if statement in written else None)
        carrier = find_run_parameters(agent, method).carrier if method.name.value == agent.entry_method else None
        agent = agent.with_method(
            method, cst.ensure_type(plain.visit(_StateFieldReplacer(sources, carrier)), cst.FunctionDef)
        )
    return agent


def _remove_bridge_setter(agent: LegacyAgent) -> LegacyAgent:
    """Remove a set_websocket_bridge that only stores its arguments, and the empty initial values of its attributes.

    Reads of these attributes are reported later.
    """
    bridge, constructor = agent.find_method(SET_BRIDGE_METHOD), agent.find_method("__init__")
    removed = set(INJECTED_FIELDS)
    if bridge is not None and is_plain_bridge_setter(bridge):
        removed |= {name for _, name, _ in find_self_assignments(bridge)}
        agent = agent.with_members([each for each in agent.node.body.body if each is not bridge])
    if constructor is None:
        return agent
    empty = {
        line
        for line, name, value in find_self_assignments(constructor)
        if name in removed and m.matches(value, EMPTY_LITERAL)
    }
    return agent.with_method(
        constructor, rewrite_statements(constructor, lambda statement, _: [] if statement in empty else None)
    )


def _list_assigned_attributes(lines: set[cst.SimpleStatementLine]) -> set[cst.CSTNode]:
    return {
        each
        for line in lines
        for target in find_nodes(line, cst.AssignTarget)
        for each in find_nodes(target, cst.Attribute)
    }


class _StateFieldReplacer(IdentityTransformer):
    """`carrier` is the parameter of the execute method; other methods read the RunInput and the context instead."""

    def __init__(self, source_by_field: Mapping[str, str], carrier: str | None) -> None:
        super().__init__()
        self.source_by_field, self.carrier = source_by_field, carrier

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        source = self.source_by_field.get(get_self_attribute(original_node) or "")
        if source is None:
            return self._replace_field(original_node, updated_node)
        if source != WHOLE_STATE:
            return cst.parse_expression(f"str(self.context.{source})")
        return cst.Name(self.carrier) if self.carrier is not None else updated_node

    def _replace_field(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if self.carrier is not None:
            return updated_node
        for name, source in self.source_by_field.items():
            holder = m.Attribute(value=m.Name("self"), attr=m.Name(name))
            field = (
                get_carrier_field(original_node, holder, {**CONTEXT_FIELDS, "user_request": "ask"})
                if source == WHOLE_STATE
                else None
            )
            if field is not None:
                return cst.parse_expression("run_input.ask" if field == "ask" else f"str(self.context.{field})")
        return updated_node


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
        # A parameter that is rebound may refer to something else: its reads are not converted, but reported.
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
