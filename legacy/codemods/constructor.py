"""The constructor of a legacy agent: what is left of it is a name, a title and constants of the class."""

from dataclasses import replace

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.shapes import argument, docstring, effectless, of_self, targets, text

CONSTANT = (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.UnaryOperation)
SUPER = m.Call(func=m.Attribute(value=m.Call(func=m.Name("super")), attr=m.Name("__init__")))


def dropped(agent: Agent) -> Agent:
    """Netra makes an agent per run, with a context and a kit: parameters go, literals become the class's own."""
    agent = _named(agent, "name", _class_literal(agent, "name"))
    agent = _named(agent, "title", _class_literal(agent, "title") or _class_literal(agent, "description"))
    method = agent.method("__init__")
    if method is None:
        return agent
    members = [each for each in agent.node.body.body if each is not method]
    constants: list[cst.SimpleStatementLine] = []
    for statement in method.body.body:
        agent, constant = _taken(agent, method, statement)
        constants.extend([constant] if constant else [])
    place = 1 if members and docstring(members[0]) else 0
    return agent.with_members([*members[:place], *constants, *members[place:]])


def _taken(
    agent: Agent, method: cst.FunctionDef, statement: cst.CSTNode
) -> tuple[Agent, cst.SimpleStatementLine | None]:
    alone = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1 else None
    if docstring(statement) or isinstance(alone, cst.Pass):
        return agent, None
    if isinstance(alone, cst.Expr) and m.matches(alone.value, SUPER):
        return _called(agent, method, cst.ensure_type(alone.value, cst.Call)), None
    name, value = _kept(alone)
    if name is None or value is None:
        return agent.leaving(agent.places.left(statement, "its constructor does more than keep parameters")), None
    if isinstance(value, cst.Name) and value.value in _parameters(method):
        return agent, None  # what reads it is left by itself
    if not _constant(value) or _writes(agent, name) > 1:
        return agent.leaving(agent.places.left(statement, f"keeps {name} on self; {_mend(name)}")), None
    constant = cst.Assign([cst.AssignTarget(cst.Name(name))], value)
    return agent, cst.ensure_type(statement, cst.SimpleStatementLine).with_changes(body=[constant])


def _mend(name: str) -> str:
    if name in ("user_id", "context", "state", "session"):
        return "whose work it is, is in self.context"
    return "make it a constant of the class, or hand it down as an argument"


def _called(agent: Agent, method: cst.FunctionDef, call: cst.Call) -> Agent:
    if not effectless([each.value for each in call.args]):
        agent = agent.leaving(agent.places.left(call, "what is called among these arguments would not be called"))
    defaults = {each.name.value: each.default for each in _all(method)}
    for attribute, keyword, position in (("name", "name", 1), ("title", "description", 2)):
        value = argument(call, position, keyword)
        if isinstance(value, cst.Name):
            value = defaults.get(value.value)
        agent = _named(agent, attribute, text(value))
        if attribute == "name" and value is not None and text(value) is None and not m.matches(value, m.Name("None")):
            agent = agent.leaving(agent.places.left(call, "its name is not a literal"))
    return agent


def _named(agent: Agent, attribute: str, value: str | None) -> Agent:
    if not value or getattr(agent, attribute):
        return agent
    return replace(agent, name=value) if attribute == "name" else replace(agent, title=value)


def _class_literal(agent: Agent, name: str) -> str | None:
    for statement in agent.node.body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and m.matches(small.targets[0].target, m.Name(name)):
                return text(small.value)
            if isinstance(small, cst.AnnAssign) and m.matches(small.target, m.Name(name)):
                return text(small.value)
    return None


def _kept(small: cst.BaseSmallStatement | None) -> tuple[str | None, cst.BaseExpression | None]:
    """`x` and its value, of `self.x = value`."""
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        return of_self(small.targets[0].target), small.value
    if isinstance(small, cst.AnnAssign):
        return of_self(small.target), small.value
    return None, None


def _constant(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Tuple):
        return all(_constant(each.value) for each in value.elements)
    return isinstance(value, CONSTANT) or m.matches(value, m.Name("None") | m.Name("True") | m.Name("False"))


def _writes(agent: Agent, name: str) -> int:
    return sum(of_self(each) == name for each in targets(agent.node))


def _all(method: cst.FunctionDef) -> list[cst.Param]:
    return [*method.params.params, *method.params.kwonly_params]


def _parameters(method: cst.FunctionDef) -> set[str]:
    return {each.name.value for each in _all(method)}
