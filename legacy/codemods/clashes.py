"""What stands in the way before anything is changed: names that mean something else here, and shapes not known."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.finding import entries
from legacy.codemods.kept import kept
from legacy.codemods.left import Left
from legacy.codemods.shapes import class_names, found, names, of_self
from legacy.codemods.surface import ATTRIBUTES, BASES, HOOKS, OURS

SHARED = "one for all users, kept by the class; hand it down, or make it a tuple or a MappingProxyType of the module"
MADE = frozenset({"brief", "hands", "outcome", "jsonable"})


def none(agent: Agent) -> Agent:
    """The agent, with everything listed that its codemods may not go on from."""
    return agent.leaving(*_class(agent), *_members(agent), *_shared(agent), *_variables(agent))


def _class(agent: Agent) -> list[Left]:
    node, left = agent.node, []
    for base in node.bases:
        if not m.matches(base.value, m.Name("object")) and last_name(base.value) not in BASES:
            left.append(agent.places.left(base, "what this base class does for it is not known; bring that over first"))
    if node.keywords or node.decorators:
        left.append(
            agent.places.left(node.name, "its class is decorated or has a metaclass, which may rely on what it was")
        )
    if entries(node) > 1:
        left.append(agent.places.left(node.name, "has execute and execute_core_logic; keep the one that does the work"))
    return left


def _members(agent: Agent) -> list[Left]:
    left = []
    for member in agent.methods:
        name = member.name.value
        if name in OURS - {"execute"}:
            left.append(agent.places.left(member.name, f"BaseAgent has a {name} of its own; rename this one"))
        if name in HOOKS:
            left.append(
                agent.places.left(member.name, "the old base class called it; call it within the turn yourself")
            )
        if name == agent.entry and (member.asynchronous is None or member.decorators):
            left.append(agent.places.left(member.name, "only a plain async method can become perform"))
        if name == agent.entry and _takes_more(member):
            left.append(agent.places.left(member.name, "takes more than the old signature has"))
    for each in class_names(agent.node):
        if each.value in OURS - {"name", "title"}:
            left.append(agent.places.left(each, f"BaseAgent has {each.value} with a meaning of its own"))
    return left


def _takes_more(member: cst.FunctionDef) -> bool:
    """Than self, the state, its run's id and whether to stream."""
    params = member.params
    return len(params.params) > 4 or bool(params.kwonly_params or params.star_kwarg)


def _shared(agent: Agent) -> list[Left]:
    """What the class itself keeps, and every run of every user would change."""
    kept = m.Dict() | m.List() | m.Set() | m.Call() | m.DictComp() | m.ListComp() | m.SetComp()
    lines = [each for each in agent.node.body.body if isinstance(each, cst.SimpleStatementLine)]
    values = [small.value for line in lines for small in line.body if isinstance(small, cst.Assign | cst.AnnAssign)]
    return [agent.places.left(each, SHARED) for each in values if each is not None and m.matches(each, kept)]


def _variables(agent: Agent) -> list[Left]:
    left = []
    mine = MADE & names(agent.node)
    if mine:
        said = ", ".join(sorted(mine))
        left.append(agent.places.left(agent.node.name, f"uses {said} itself, which the result needs; rename it"))
    known = kept(agent)
    for each in found(agent.node, cst.Attribute):
        name = of_self(each)
        if name in OURS - {"name", *known}:
            reason = ATTRIBUTES.get(name, f"BaseAgent means its own by self.{name}; rename this one")
            left.append(agent.places.left(each, reason))
    return left


def last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
