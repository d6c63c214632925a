"""Find the ids, states and contexts that an agent stores on self, and read them from the run's context instead."""

from collections import Counter
from collections.abc import Iterator, Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.legacy_api import CONTEXT_FIELDS, LEGACY_BASES, REFLECTION_NAMES
from legacy.codemods.syntax import (
    SUPER_INIT_CALL,
    IdentityTransformer,
    find_class_attributes,
    find_names,
    find_nodes,
    find_rebound,
    get_argument,
    get_self_attribute,
    is_docstring,
    rewrite_statements,
)

WHOLE_STATE = "the state or context itself"
EMPTY_VALUE = ""
SET_BRIDGE_METHOD = "set_websocket_bridge"
EMPTY_LITERAL = (
    m.Name("None") | m.Dict(elements=[]) | m.SimpleString(value=m.MatchIfTrue(lambda said: said in ('""', "''")))
)
INJECTED_FIELDS = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
"""Attributes that every legacy agent gets after its constructor has run."""
REVIEW_STATE_FIELD = (
    "no longer kept: it is read from the run's own context where it is needed, which nobody else's turn can change"
)


def find_state_fields(agent: LegacyAgent) -> Mapping[str, str]:
    """Map the attributes of self that can be removed to the context field that they hold, or to WHOLE_STATE.

    Such an attribute is only written in the constructor or at the beginning of the turn, always with the same value,
    and only read in a way that has a counterpart.
    """
    if REFLECTION_NAMES & find_names(agent.node):
        return {}
    writes = list(find_state_writes(agent))
    sources: dict[str, set[str]] = {}
    for name, source, _ in writes:
        sources.setdefault(name, set()).add(source)
    all_writes = Counter(get_self_attribute(each) for each in find_rebound(agent.node))
    known = Counter(name for name, _, line in writes if line is not None)
    own = {each.value for each in find_class_attributes(agent.node)} | {each.name.value for each in agent.methods}
    single = {name: only for name, each in sources.items() if (only := _get_single_source(each)) and name not in own}
    return {
        name: source
        for name, source in single.items()
        if known[name] == all_writes[name]
        and CONTEXT_FIELDS.get(name, source) == source
        and (source != WHOLE_STATE or _has_supported_reads_only(agent, name))
    }


def find_state_writes(agent: LegacyAgent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Yield attribute, source and line of each write; the line is None if the legacy base class writes it."""
    yield from _find_constructor_writes(agent)
    bridge, entry = agent.find_method(SET_BRIDGE_METHOD), agent.find_method(agent.entry_method)
    if bridge is not None and is_plain_bridge_setter(bridge):
        run_id = bridge.params.params[2].name.value if len(bridge.params.params) > 2 else ""
        yield from (
            (name, "run_id", line)
            for line, name, value in find_self_assignments(bridge)
            if m.matches(value, m.Name(run_id))
        )
    if entry is not None:
        yield from _find_entry_writes(agent, entry)


def is_plain_bridge_setter(method: cst.FunctionDef) -> bool:
    """Whether a set_websocket_bridge only stores its arguments."""
    parameters = {each.name.value for each in method.params.params[1:]}
    stores = [
        line
        for line, _, value in find_self_assignments(method)
        if isinstance(value, cst.Name) and value.value in parameters
    ]
    others = [each for each in method.body.body if each not in stores and not is_docstring(each)]
    return all(m.matches(each, m.SimpleStatementLine(body=[m.Pass()])) for each in others)


def _find_constructor_writes(agent: LegacyAgent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Of the constructor's parameters, only the user's id certainly belongs to the run."""
    constructor = agent.find_method("__init__")
    if constructor is None:
        legacy = any(isinstance(each.value, cst.Name) and each.value.value in LEGACY_BASES for each in agent.node.bases)
        yield from [("user_id", "user_id", None)] if legacy else []
        return
    takes = "user_id" in {each.name.value for each in (*constructor.params.params, *constructor.params.kwonly_params)}
    for line, name, value in find_self_assignments(constructor):
        if m.matches(value, EMPTY_LITERAL):
            yield name, EMPTY_VALUE, line
        elif takes and m.matches(value, m.Name("user_id")):
            yield name, "user_id", line
    for call in find_nodes(constructor, cst.Call):
        if (
            takes
            and m.matches(call, SUPER_INIT_CALL)
            and m.matches(get_argument(call, 4, "user_id") or constructor, m.Name("user_id"))
        ):
            yield "user_id", "user_id", None


def _find_entry_writes(
    agent: LegacyAgent, entry: cst.FunctionDef
) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Yield writes before any other method could read the attribute, and if the parameters are not rebound."""
    parameters, own = find_run_parameters(agent, entry), {each.name.value for each in agent.methods}
    rebound = {each.value for each in find_rebound(entry) if isinstance(each, cst.Name)}
    if rebound & {parameters.carrier, parameters.run_id}:
        return
    lines = {line: (name, value) for line, name, value in find_self_assignments(entry)}
    touched: set[str | None] = set()
    for statement in entry.body.body:
        name, value = lines.get(statement, ("", None))  # type: ignore[call-overload]
        source = _find_source(value, parameters) if value is not None else None
        if source is not None and name not in touched:
            yield name, source, cst.ensure_type(statement, cst.SimpleStatementLine)
            continue
        touched |= {get_self_attribute(each) for each in find_nodes(statement, cst.Attribute)}
        if touched & own:
            return


def _find_source(value: cst.CSTNode, parameters: RunParameters) -> str | None:
    if isinstance(value, cst.Name):
        return {parameters.carrier: WHOLE_STATE, parameters.run_id: "run_id"}.get(value.value)
    return get_carrier_field(value, m.Name(parameters.carrier or ""), CONTEXT_FIELDS)


def get_carrier_field(node: cst.CSTNode, carrier: m.Name | m.Attribute, fields: Mapping[str, str]) -> str | None:
    """Return what a read of the carrier, or of the state in it, gives."""
    through = m.Attribute(value=carrier, attr=m.Name("state"))
    if isinstance(node, cst.Attribute) and m.matches(node.value, carrier | through):
        return fields.get(node.attr.value)
    return None


def _has_supported_reads_only(agent: LegacyAgent, name: str) -> bool:
    """Whether the other methods only read fields of this stored state that have a counterpart."""
    attribute = m.Attribute(value=m.Name("self"), attr=m.Name(name))
    for method in agent.methods:
        if method.name.value == agent.entry_method:
            continue
        reads = find_nodes(method, cst.Attribute)
        known = [
            each for each in reads if get_carrier_field(each, attribute, {**CONTEXT_FIELDS, "user_request": "ask"})
        ]
        if set(known) & set(find_rebound(method)):
            return False
        inner = {part for each in known for part in find_nodes(each.value, cst.Attribute)}
        written = {each for each in find_rebound(method) if get_self_attribute(each) == name}
        if any(get_self_attribute(each) == name and each not in inner | written for each in reads):
            return False
    return True


def find_self_assignments(method: cst.FunctionDef) -> Iterator[tuple[cst.SimpleStatementLine, str, cst.BaseExpression]]:
    """Yield each `self.name = value` that is a statement of the method body, outside of any branch."""
    for line in method.body.body:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            continue
        alone = line.body[0]
        plain = isinstance(alone, cst.Assign) and len(alone.targets) == 1
        target = alone.targets[0].target if plain else getattr(alone, "target", None)  # type: ignore[attr-defined]
        name = (
            get_self_attribute(target) if isinstance(alone, cst.Assign | cst.AnnAssign) and target is not None else None
        )
        if name is not None and alone.value is not None:  # type: ignore[attr-defined]
            yield line, name, alone.value  # type: ignore[attr-defined]


def _get_single_source(sources: set[str]) -> str | None:
    """Return the only source, apart from an empty initial value."""
    real = sources - {EMPTY_VALUE}
    return next(iter(real)) if len(real) == 1 else None


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
            agent = agent.with_issues(agent.positions.build_issue(line, REVIEW_STATE_FIELD, blocks=False))
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
