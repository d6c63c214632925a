"""Replace a legacy constructor by class attributes: its name, title and constants."""

from dataclasses import replace

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import LegacyAgent
from legacy.codemods.syntax import (
    SUPER_INIT_CALL,
    find_assignment_targets,
    get_argument,
    get_self_attribute,
    get_string_value,
    has_no_effects,
    is_docstring,
)

CONSTANT_NODES = (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.UnaryOperation)


def convert_constructor(agent: LegacyAgent) -> LegacyAgent:
    """Remove the constructor, whose literals become class attributes: Netra passes a context and deps."""
    agent = _with_name_or_title(agent, "name", _find_class_literal(agent, "name"))
    agent = _with_name_or_title(
        agent, "title", _find_class_literal(agent, "title") or _find_class_literal(agent, "description")
    )
    method = agent.find_method("__init__")
    if method is None:
        return agent
    members = [each for each in agent.node.body.body if each is not method]
    constants: list[cst.SimpleStatementLine] = []
    for statement in method.body.body:
        agent, constant = _convert_statement(agent, method, statement)
        constants.extend([constant] if constant else [])
    place = 1 if members and is_docstring(members[0]) else 0
    return agent.with_members([*members[:place], *constants, *members[place:]])


def _convert_statement(
    agent: LegacyAgent, method: cst.FunctionDef, statement: cst.CSTNode
) -> tuple[LegacyAgent, cst.SimpleStatementLine | None]:
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1 else None
    if is_docstring(statement) or isinstance(small, cst.Pass):
        return agent, None
    if isinstance(small, cst.Expr) and m.matches(small.value, SUPER_INIT_CALL):
        return _convert_super_call(agent, method, cst.ensure_type(small.value, cst.Call)), None
    name, value = _parse_self_assignment(small)
    if name is None or value is None:
        return agent.with_issues(
            agent.build_issue(statement, "the constructor does more than store its parameters")
        ), None
    if isinstance(value, cst.Name) and value.value in _list_parameter_names(method):
        return agent, None  # reads of it are reported on their own
    if not _is_constant(value) or _count_writes(agent, name) > 1:
        return agent.with_issues(agent.build_issue(statement, f"stores {name} on self; {_suggest_remedy(name)}")), None
    constant = cst.Assign([cst.AssignTarget(cst.Name(name))], value)
    return agent, cst.ensure_type(statement, cst.SimpleStatementLine).with_changes(body=[constant])


def _suggest_remedy(name: str) -> str:
    if name in ("user_id", "context", "state", "session"):
        return "use self.context, which has the run's user and ids"
    return "make it a class constant, or pass it as an argument"


def _convert_super_call(agent: LegacyAgent, method: cst.FunctionDef, call: cst.Call) -> LegacyAgent:
    if not has_no_effects([each.value for each in call.args]):
        agent = agent.with_issues(agent.build_issue(call, "these arguments contain calls, which would be lost"))
    defaults = {each.name.value: each.default for each in _list_parameters(method)}
    for attribute, keyword, position in (("name", "name", 1), ("title", "description", 2)):
        value = get_argument(call, position, keyword)
        if isinstance(value, cst.Name):
            value = defaults.get(value.value)
        agent = _with_name_or_title(agent, attribute, get_string_value(value))
        if (
            attribute == "name"
            and value is not None
            and get_string_value(value) is None
            and not m.matches(value, m.Name("None"))
        ):
            agent = agent.with_issues(agent.build_issue(call, "the agent's name is not a literal"))
    return agent


def _with_name_or_title(agent: LegacyAgent, attribute: str, value: str | None) -> LegacyAgent:
    if not value or getattr(agent, attribute):
        return agent
    return replace(agent, name=value) if attribute == "name" else replace(agent, title=value)


def _find_class_literal(agent: LegacyAgent, name: str) -> str | None:
    for statement in agent.node.body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and m.matches(small.targets[0].target, m.Name(name)):
                return get_string_value(small.value)
            if isinstance(small, cst.AnnAssign) and m.matches(small.target, m.Name(name)):
                return get_string_value(small.value)
    return None


def _parse_self_assignment(small: cst.BaseSmallStatement | None) -> tuple[str | None, cst.BaseExpression | None]:
    """Return `x` and `value` of `self.x = value`."""
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        return get_self_attribute(small.targets[0].target), small.value
    if isinstance(small, cst.AnnAssign):
        return get_self_attribute(small.target), small.value
    return None, None


def _is_constant(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Tuple):
        return all(_is_constant(each.value) for each in value.elements)
    return isinstance(value, CONSTANT_NODES) or m.matches(value, m.Name("None") | m.Name("True") | m.Name("False"))


def _count_writes(agent: LegacyAgent, name: str) -> int:
    return sum(get_self_attribute(each) == name for each in find_assignment_targets(agent.node))


def _list_parameters(method: cst.FunctionDef) -> list[cst.Param]:
    return [*method.params.params, *method.params.kwonly_params]


def _list_parameter_names(method: cst.FunctionDef) -> set[str]:
    return {each.name.value for each in _list_parameters(method)}
