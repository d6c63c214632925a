"""Find the ids, states and contexts that an agent stores on self, and read them from the run's context instead."""

from collections import Counter
from collections.abc import Iterator, Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.legacy_api import CONTEXT_FIELDS, LEGACY_BASES, REFLECTION_NAMES
from legacy.codemods.syntax import (
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
SUPER_INIT_CALL = m.Call(func=m.Attribute(value=m.Call(func=m.Name("super")), attr=m.Name("__init__")))
EMPTY_LITERAL = (
    m.Name("None") | m.Dict(elements=[]) | m.SimpleString(value=m.MatchIfTrue(lambda said: said in ('""', "''")))
)


def find_state_fields(agent: LegacyAgent) -> Mapping[str, str]:
    """By attribute of self: the field of Netra's context that it holds in a turn, or CARRIER. Only what is written in
    the constructor or at the turn's beginning, every time with the same, and read in a way that has a counterpart."""
    if REFLECTION_NAMES & find_names(agent.node):
        return {}
    written = list(find_state_writes(agent))
    sources: dict[str, set[str]] = {}
    for name, source, _ in written:
        sources.setdefault(name, set()).add(source)
    all_writes = Counter(get_self_attribute(each) for each in find_rebound(agent.node))
    known = Counter(name for name, _, line in written if line is not None)
    own = {each.value for each in find_class_attributes(agent.node)} | {each.name.value for each in agent.methods}
    found_out = {name: only for name, said in sources.items() if (only := _get_single_source(said)) and name not in own}
    return {
        name: source
        for name, source in found_out.items()
        if known[name] == all_writes[name]
        and CONTEXT_FIELDS.get(name, source) == source
        and (source != WHOLE_STATE or _has_supported_reads_only(agent, name))
    }


def find_state_writes(agent: LegacyAgent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """An attribute, what it is given, and the line, or None where the old base class wrote it."""
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
    """Whether a set_websocket_bridge does nothing but keep what it is handed."""
    taken = {each.name.value for each in method.params.params[1:]}
    keeping = [
        line for line, _, value in find_self_assignments(method) if isinstance(value, cst.Name) and value.value in taken
    ]
    others = [each for each in method.body.body if each not in keeping and not is_docstring(each)]
    return all(m.matches(each, m.SimpleStatementLine(body=[m.Pass()])) for each in others)


def _find_constructor_writes(agent: LegacyAgent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Of its constructor's parameters, only the user's id is the run's own for sure."""
    born = agent.find_method("__init__")
    if born is None:
        legacy = any(isinstance(each.value, cst.Name) and each.value.value in LEGACY_BASES for each in agent.node.bases)
        yield from [("user_id", "user_id", None)] if legacy else []
        return
    takes = "user_id" in {each.name.value for each in (*born.params.params, *born.params.kwonly_params)}
    for line, name, value in find_self_assignments(born):
        if m.matches(value, EMPTY_LITERAL):
            yield name, EMPTY_VALUE, line
        elif takes and m.matches(value, m.Name("user_id")):
            yield name, "user_id", line
    for call in find_nodes(born, cst.Call):
        if (
            takes
            and m.matches(call, SUPER_INIT_CALL)
            and m.matches(get_argument(call, 4, "user_id") or born, m.Name("user_id"))
        ):
            yield "user_id", "user_id", None


def _find_entry_writes(
    agent: LegacyAgent, entry: cst.FunctionDef
) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Before anything of the class could have read it, and while the names are still what was handed in."""
    mine, own = find_run_parameters(agent, entry), {each.name.value for each in agent.methods}
    rebound = {each.value for each in find_rebound(entry) if isinstance(each, cst.Name)}
    if rebound & {mine.carrier, mine.run_id}:
        return
    lines = {line: (name, value) for line, name, value in find_self_assignments(entry)}
    touched: set[str | None] = set()
    for statement in entry.body.body:
        name, value = lines.get(statement, ("", None))  # type: ignore[call-overload]
        source = _find_source(value, mine) if value is not None else None
        if source is not None and name not in touched:
            yield name, source, cst.ensure_type(statement, cst.SimpleStatementLine)
            continue
        touched |= {get_self_attribute(each) for each in find_nodes(statement, cst.Attribute)}
        if touched & own:
            return


def _find_source(value: cst.CSTNode, mine: RunParameters) -> str | None:
    if isinstance(value, cst.Name):
        return {mine.carrier: WHOLE_STATE, mine.run_id: "run_id"}.get(value.value)
    return get_carrier_field(value, m.Name(mine.carrier or ""), CONTEXT_FIELDS)


def get_carrier_field(node: cst.CSTNode, carrier: m.Name | m.Attribute, fields: Mapping[str, str]) -> str | None:
    """What a read of the carrier, or of the state within it, gives."""
    through = m.Attribute(value=carrier, attr=m.Name("state"))
    if isinstance(node, cst.Attribute) and m.matches(node.value, carrier | through):
        return fields.get(node.attr.value)
    return None


def _has_supported_reads_only(agent: LegacyAgent, name: str) -> bool:
    """Whether each read of a kept state, outside of the turn's own method, is of a field that has a counterpart."""
    mine = m.Attribute(value=m.Name("self"), attr=m.Name(name))
    for method in agent.methods:
        if method.name.value == agent.entry_method:
            continue
        reads = find_nodes(method, cst.Attribute)
        known = [each for each in reads if get_carrier_field(each, mine, {**CONTEXT_FIELDS, "user_request": "ask"})]
        if set(known) & set(find_rebound(method)):
            return False
        inner = {part for each in known for part in find_nodes(each.value, cst.Attribute)}
        written = {each for each in find_rebound(method) if get_self_attribute(each) == name}
        if any(get_self_attribute(each) == name and each not in inner | written for each in reads):
            return False
    return True


def find_self_assignments(method: cst.FunctionDef) -> Iterator[tuple[cst.SimpleStatementLine, str, cst.BaseExpression]]:
    """Each `self.name = value` that is a statement of the method itself."""
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
    """The one thing that it holds, but for an empty beginning."""
    real = sources - {EMPTY_VALUE}
    return next(iter(real)) if len(real) == 1 else None


INJECTED_FIELDS = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
"""Put on every agent after its constructor, whatever that has put there."""
REVIEW_STATE_FIELD = (
    "no longer kept: it is read from the run's own context where it is needed, which nobody else's turn can change"
)


def remove_state_fields(agent: LegacyAgent) -> LegacyAgent:
    mine = find_state_fields(agent)
    lines = [
        (name, source, line) for name, source, line in find_state_writes(agent) if name in mine and line is not None
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
            method, cst.ensure_type(plain.visit(_StateFieldReplacer(mine, carrier)), cst.FunctionDef)
        )
    return agent


def _remove_bridge_setter(agent: LegacyAgent) -> LegacyAgent:
    """Without a set_websocket_bridge that only keeps what it is handed, and without the nothing that was there before:
    whoever still reads what it kept is left."""
    bridge, born = agent.find_method(SET_BRIDGE_METHOD), agent.find_method("__init__")
    gone = set(INJECTED_FIELDS)
    if bridge is not None and is_plain_bridge_setter(bridge):
        gone |= {name for _, name, _ in find_self_assignments(bridge)}
        agent = agent.with_members([each for each in agent.node.body.body if each is not bridge])
    if born is None:
        return agent
    empty = {
        line for line, name, value in find_self_assignments(born) if name in gone and m.matches(value, EMPTY_LITERAL)
    }
    return agent.with_method(born, rewrite_statements(born, lambda statement, _: [] if statement in empty else None))


def _list_assigned_attributes(lines: set[cst.SimpleStatementLine]) -> set[cst.CSTNode]:
    return {
        each
        for line in lines
        for target in find_nodes(line, cst.AssignTarget)
        for each in find_nodes(target, cst.Attribute)
    }


class _StateFieldReplacer(IdentityTransformer):
    """`carrier` is what the turn's own method was handed; the others read the RunInput and the context instead."""

    def __init__(self, mine: Mapping[str, str], carrier: str | None) -> None:
        super().__init__()
        self.source_by_field, self.carrier = mine, carrier

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
