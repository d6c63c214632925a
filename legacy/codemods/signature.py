"""The signatures: `perform(brief)` of BaseAgent, and a brief for the agent's own methods in the state's place."""

import libcst as cst

from legacy.codemods.agent import Agent
from legacy.codemods.handed import Handed, handed
from legacy.codemods.keeping import Keeping
from legacy.codemods.shapes import found, of_self, uses

BRIEF = cst.Param(cst.Name("brief"), cst.Annotation(cst.Name("Brief")))


def briefed(agent: Agent) -> Agent:
    """Methods that were handed the state take the brief; those that only came to need it take it first."""
    taken = {each.name.value: handed(agent, each) for each in agent.methods}
    needing = _needing(agent, taken)
    for method in agent.methods:
        mine = taken[method.name.value]
        change = _Calling(agent, mine, taken, needing)
        changed = method.with_changes(body=method.body.visit(change))
        if method.name.value == agent.entry:
            changed = _performing(changed)
        elif mine.carrier is not None:
            changed = changed.with_changes(params=_carrying(changed.params, mine.carrier))
        elif method.name.value in needing:
            changed = changed.with_changes(params=_first(changed.params))
        agent = agent.with_method(method, changed)
    return _orphans(agent, taken, needing)


def _performing(method: cst.FunctionDef) -> cst.FunctionDef:
    own = method.params.params[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return method.with_changes(
        name=cst.Name("perform"),
        params=cst.Parameters(params=[own, BRIEF]),
        returns=cst.Annotation(cst.parse_expression("Done[object]")),
        whitespace_before_params=cst.SimpleWhitespace(""),
    )


def _carrying(params: cst.Parameters, carrier: str) -> cst.Parameters:
    changed = [BRIEF.with_changes(comma=each.comma) if each.name.value == carrier else each for each in params.params]
    return params.with_changes(params=changed)


def _first(params: cst.Parameters) -> cst.Parameters:
    own, *rest = params.params
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return params.with_changes(
        params=[own.with_changes(comma=comma), BRIEF.with_changes(comma=comma) if rest else BRIEF, *rest]
    )


def _needing(agent: Agent, taken: dict[str, Handed]) -> set[str]:
    """Methods that use a brief that they are not handed, and their callers who are not handed one either."""
    without = {name for name, mine in taken.items() if mine.carrier is None and name != agent.entry}
    calls = {each.name.value: _called(each) for each in agent.methods}
    needing = {name for name in without if "brief" in {each.value for each in uses(_method(agent, name).body)}}
    while more := {name for name in without - needing if calls[name] & needing}:
        needing |= more
    return needing


def _called(method: cst.FunctionDef) -> set[str]:
    return {name for call in found(method, cst.Call) if (name := of_self(call.func))}


def _method(agent: Agent, name: str) -> cst.FunctionDef:
    return next(each for each in agent.methods if each.name.value == name)


class _Calling(Keeping):
    """Hands the brief on where the state was handed on, within the agent."""

    def __init__(self, agent: Agent, mine: Handed, taken: dict[str, Handed], needing: set[str]) -> None:
        super().__init__()
        self.agent, self.mine, self.taken, self.needing = agent, mine, taken, needing

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802
        name = of_self(updated_node.func)
        if name is None or name not in self.taken:
            return updated_node
        if name in self.needing:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            given = cst.Arg(cst.Name("brief"), comma=comma if updated_node.args else cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(args=[given, *updated_node.args])
        carrier = self.taken[name].carrier
        if carrier is None or self.mine.carrier is None:
            return updated_node
        parameters = [each.name.value for each in _method(self.agent, name).params.params[1:]]
        place = parameters.index(carrier)
        return updated_node.with_changes(
            args=[self._given(each, at == place, carrier) for at, each in enumerate(updated_node.args)]
        )

    def _given(self, arg: cst.Arg, here: bool, carrier: str) -> cst.Arg:
        if not isinstance(arg.value, cst.Name) or arg.value.value != self.mine.carrier or arg.star:
            return arg
        if arg.keyword is None:
            return arg.with_changes(value=cst.Name("brief")) if here else arg
        if arg.keyword.value != carrier:
            return arg
        return arg.with_changes(value=cst.Name("brief"), keyword=cst.Name("brief"))


def _orphans(agent: Agent, taken: dict[str, Handed], needing: set[str]) -> Agent:
    """Methods that take a brief now, though nobody within the class hands them one, or they are not plain methods."""
    called = {name for each in agent.methods for name in _called(each)}
    for method in agent.methods:
        name = method.name.value
        if name in ("perform", "__init__") or not (taken.get(name, Handed()).carrier or name in needing):
            continue
        if name not in called:
            reason = "takes the state, and nobody in this class calls it: who does would have to hand it a brief"
            agent = agent.leaving(agent.places.left(method.name, reason))
        if method.decorators:
            agent = agent.leaving(agent.places.left(method.name, "is decorated; its signature may not be only its own"))
    return agent
