"""Find the ids, states and contexts that an agent stores on self and that the run's context can replace."""

from collections import Counter
from collections.abc import Iterator, Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import (
    CONTEXT_FIELDS,
    LEGACY_BASES,
    REFLECTION_NAMES,
    LegacyAgent,
    RunParameters,
    find_run_parameters,
)
from legacy.codemods.syntax import (
    SUPER_INIT_CALL,
    find_class_attributes,
    find_names,
    find_nodes,
    find_rebound,
    get_argument,
    get_self_attribute,
    is_docstring,
)

WHOLE_STATE = "the state or context itself"
EMPTY_VALUE = ""
SET_BRIDGE_METHOD = "set_websocket_bridge"
EMPTY_LITERAL = (
    m.Name("None") | m.Dict(elements=[]) | m.SimpleString(value=m.MatchIfTrue(lambda literal: literal in ('""', "''")))
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
