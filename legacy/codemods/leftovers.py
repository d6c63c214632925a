"""What of the old pattern is still in a class when every codemod has been: nothing may be, or it stays as it was."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.handed import Handed, handed
from legacy.codemods.left import Left
from legacy.codemods.shapes import bound, class_names, found, names, of_self, targets, uses
from legacy.codemods.surface import ATTRIBUTES, GLOBALS, OURS, REFLECTING, RESULTS

BRIEF = "a brief is frozen, and says only the ask, the facts and what earlier agents handed on"
STATE = f"the state is handed on, changed or read in a way that has no counterpart; {BRIEF}"
ONE_FOR_ALL = frozenset({"tool_dispatcher", "websocket_manager", "websocket_bridge"})
REFLECTED = "reaches its own attributes by a text, which may name one that is gone; write them out"
LOOSE = "this id or flag is set or handed on in a way that has no counterpart"


def looked_for(agent: Agent, before: cst.ClassDef) -> Agent:
    """The agent with what is left; `before` is the class as it was, for what its methods were handed."""
    old = Agent(node=before, entry=agent.entry, places=agent.places)
    taken = {_now(old, each): handed(old, each) for each in old.methods}
    left: list[Left] = []
    for method in agent.methods:
        left += _variables(agent, method, taken.get(method.name.value, Handed()))
    # Where a codemod said why, nothing need be said twice.
    said = {each.line for each in agent.left if each.blocks}
    return agent.leaving(*(each for each in (*left, *_attributes(agent)) if each.line not in said))


def _now(old: Agent, method: cst.FunctionDef) -> str:
    return "perform" if method.name.value == old.entry else method.name.value


def _variables(agent: Agent, method: cst.FunctionDef, mine: Handed) -> list[Left]:
    left, fields, own = [], _fields(method, mine), bound(method)
    for each in uses(method.body):
        if each.value in fields and each in fields[each.value]:
            continue
        if each.value == mine.carrier:
            left.append(agent.places.left(each, STATE))
        elif each.value in (mine.run_id, mine.stream):
            left.append(agent.places.left(each, LOOSE))
        elif each.value == "super":
            left.append(agent.places.left(each, "what the old base class does here is not done by BaseAgent"))
        elif each.value in GLOBALS:
            left.append(agent.places.left(each, GLOBALS[each.value]))
        elif each.value in ONE_FOR_ALL - own:
            left.append(agent.places.left(each, ATTRIBUTES[each.value]))
    for known in fields.values():
        left += [agent.places.left(name, why) for name, why in known.items()]
    return left


def _fields(method: cst.FunctionDef, mine: Handed) -> dict[str, dict[cst.Name, str]]:
    """Uses of the carrier for a field of its own, with the reason why it is left."""
    known: dict[cst.Name, str] = {}
    for each in found(method.body, cst.Attribute):
        field = each.attr.value
        if not isinstance(each.value, cst.Name) or each.value.value != mine.carrier:
            continue
        if field in RESULTS:
            known[each.value] = (
                f"an earlier agent's result, or one that is not written in its own turn: read it by "
                f'brief.output("{RESULTS[field]}", <its type>) once that agent is Netra\'s'
            )
        elif field != "state":
            known[each.value] = f"{mine.kind}.{field} has no counterpart; {BRIEF}"
    return {mine.carrier: known} if mine.carrier else {}


def _attributes(agent: Agent) -> list[Left]:
    own = {each.value for each in class_names(agent.node)} | {each.name.value for each in agent.methods}
    left = []
    for each in found(agent.node, cst.Attribute):
        name = of_self(each)
        if name is None or name in own | OURS:
            continue
        told = (
            "words for the user that cannot be told by self.think alone"
            if name.startswith(("emit_", "notify_"))
            else ""
        )
        reason = ATTRIBUTES.get(name) or told or f"self.{name} is neither this class's own nor BaseAgent's"
        left.append(agent.places.left(each, reason))
    return [*left, *_written(agent), *_reflected(agent)]


def _reflected(agent: Agent) -> list[Left]:
    calls = [each for each in found(agent.node, cst.Call) if names(each.func) & REFLECTING]
    return [
        agent.places.left(each, "reaches its own attributes by a text, which may name one that is gone; write them out")
        for each in calls
        if each.args and m.matches(each.args[0].value, m.Name("self"))
    ]


def _written(agent: Agent) -> list[Left]:
    return [
        agent.places.left(each, f"keeps {name} on self; hand it down as an argument")
        for each in targets(agent.node)
        if (name := of_self(each))
    ]
