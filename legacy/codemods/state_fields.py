"""What of its run an agent keeps on itself: its state or context, or one of its ids, and nothing else by that name."""

from collections import Counter
from collections.abc import Iterator, Mapping

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.handed import Handed, handed
from legacy.codemods.shapes import argument, changed, class_names, docstring, found, names, of_self
from legacy.codemods.surface import BASES, IDS, REFLECTING

CARRIER = "the state or context itself"
EMPTY = ""
BRIDGE = "set_websocket_bridge"
SUPER = m.Call(func=m.Attribute(value=m.Call(func=m.Name("super")), attr=m.Name("__init__")))
NOTHING = m.Name("None") | m.Dict(elements=[]) | m.SimpleString(value=m.MatchIfTrue(lambda said: said in ('""', "''")))


def kept(agent: Agent) -> Mapping[str, str]:
    """By attribute of self: the field of Netra's context that it holds in a turn, or CARRIER. Only what is written in
    the constructor or at the turn's beginning, every time with the same, and read in a way that has a counterpart."""
    if REFLECTING & names(agent.node):
        return {}
    written = list(writes(agent))
    sources: dict[str, set[str]] = {}
    for name, source, _ in written:
        sources.setdefault(name, set()).add(source)
    all_writes = Counter(of_self(each) for each in changed(agent.node))
    known = Counter(name for name, _, line in written if line is not None)
    own = {each.value for each in class_names(agent.node)} | {each.name.value for each in agent.methods}
    found_out = {name: only for name, said in sources.items() if (only := _only(said)) and name not in own}
    return {
        name: source
        for name, source in found_out.items()
        if known[name] == all_writes[name]
        and IDS.get(name, source) == source
        and (source != CARRIER or _all_known(agent, name))
    }


def writes(agent: Agent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """An attribute, what it is given, and the line, or None where the old base class wrote it."""
    yield from _at_birth(agent)
    bridge, entry = agent.method(BRIDGE), agent.method(agent.entry)
    if bridge is not None and bridges(bridge):
        run_id = bridge.params.params[2].name.value if len(bridge.params.params) > 2 else ""
        yield from (
            (name, "run_id", line) for line, name, value in kept_lines(bridge) if m.matches(value, m.Name(run_id))
        )
    if entry is not None:
        yield from _at_the_beginning(agent, entry)


def bridges(method: cst.FunctionDef) -> bool:
    """Whether a set_websocket_bridge does nothing but keep what it is handed."""
    taken = {each.name.value for each in method.params.params[1:]}
    keeping = [line for line, _, value in kept_lines(method) if isinstance(value, cst.Name) and value.value in taken]
    others = [each for each in method.body.body if each not in keeping and not docstring(each)]
    return all(m.matches(each, m.SimpleStatementLine(body=[m.Pass()])) for each in others)


def _at_birth(agent: Agent) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Of its constructor's parameters, only the user's id is the run's own for sure."""
    born = agent.method("__init__")
    if born is None:
        legacy = any(isinstance(each.value, cst.Name) and each.value.value in BASES for each in agent.node.bases)
        yield from [("user_id", "user_id", None)] if legacy else []
        return
    takes = "user_id" in {each.name.value for each in (*born.params.params, *born.params.kwonly_params)}
    for line, name, value in kept_lines(born):
        if m.matches(value, NOTHING):
            yield name, EMPTY, line
        elif takes and m.matches(value, m.Name("user_id")):
            yield name, "user_id", line
    for call in found(born, cst.Call):
        if takes and m.matches(call, SUPER) and m.matches(argument(call, 4, "user_id") or born, m.Name("user_id")):
            yield "user_id", "user_id", None


def _at_the_beginning(
    agent: Agent, entry: cst.FunctionDef
) -> Iterator[tuple[str, str, cst.SimpleStatementLine | None]]:
    """Before anything of the class could have read it, and while the names are still what was handed in."""
    mine, own = handed(agent, entry), {each.name.value for each in agent.methods}
    rebound = {each.value for each in changed(entry) if isinstance(each, cst.Name)}
    if rebound & {mine.carrier, mine.run_id}:
        return
    lines = {line: (name, value) for line, name, value in kept_lines(entry)}
    touched: set[str | None] = set()
    for statement in entry.body.body:
        name, value = lines.get(statement, ("", None))  # type: ignore[call-overload]
        source = _source(value, mine) if value is not None else None
        if source is not None and name not in touched:
            yield name, source, cst.ensure_type(statement, cst.SimpleStatementLine)
            continue
        touched |= {of_self(each) for each in found(statement, cst.Attribute)}
        if touched & own:
            return


def _source(value: cst.CSTNode, mine: Handed) -> str | None:
    if isinstance(value, cst.Name):
        return {mine.carrier: CARRIER, mine.run_id: "run_id"}.get(value.value)
    return field_of(value, m.Name(mine.carrier or ""), IDS)


def field_of(node: cst.CSTNode, carrier: m.Name | m.Attribute, fields: Mapping[str, str]) -> str | None:
    """What a read of the carrier, or of the state within it, gives."""
    through = m.Attribute(value=carrier, attr=m.Name("state"))
    if isinstance(node, cst.Attribute) and m.matches(node.value, carrier | through):
        return fields.get(node.attr.value)
    return None


def _all_known(agent: Agent, name: str) -> bool:
    """Whether each read of a kept state, outside of the turn's own method, is of a field that has a counterpart."""
    mine = m.Attribute(value=m.Name("self"), attr=m.Name(name))
    for method in agent.methods:
        if method.name.value == agent.entry:
            continue
        reads = found(method, cst.Attribute)
        known = [each for each in reads if field_of(each, mine, {**IDS, "user_request": "ask"})]
        if set(known) & set(changed(method)):
            return False
        inner = {part for each in known for part in found(each.value, cst.Attribute)}
        written = {each for each in changed(method) if of_self(each) == name}
        if any(of_self(each) == name and each not in inner | written for each in reads):
            return False
    return True


def kept_lines(method: cst.FunctionDef) -> Iterator[tuple[cst.SimpleStatementLine, str, cst.BaseExpression]]:
    """Each `self.name = value` that is a statement of the method itself."""
    for line in method.body.body:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            continue
        alone = line.body[0]
        plain = isinstance(alone, cst.Assign) and len(alone.targets) == 1
        target = alone.targets[0].target if plain else getattr(alone, "target", None)  # type: ignore[attr-defined]
        name = of_self(target) if isinstance(alone, cst.Assign | cst.AnnAssign) and target is not None else None
        if name is not None and alone.value is not None:  # type: ignore[attr-defined]
            yield line, name, alone.value  # type: ignore[attr-defined]


def _only(sources: set[str]) -> str | None:
    """The one thing that it holds, but for an empty beginning."""
    real = sources - {EMPTY}
    return next(iter(real)) if len(real) == 1 else None
