"""Convert method signatures to take a run input, and add the class attributes that BaseAgent requires."""

import re
from dataclasses import replace

import libcst as cst

from legacy.codemods.legacy_agent import LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.syntax import (
    IdentityTransformer,
    find_class_attributes,
    find_nodes,
    find_variable_uses,
    get_self_attribute,
    is_docstring,
)

RUN_INPUT_PARAMETER = cst.Param(cst.Name("run_input"), cst.Annotation(cst.Name("RunInput")))
DEFAULT_SECONDS = 120
REVIEW_ATTRIBUTES = "migrated; choose its seconds, title, output dataclass and the summary for the user"
REVIEW_OPENING = "has no first message, and every turn in Netra starts with one: say what the agent is about to do"


def convert_signatures(agent: LegacyAgent) -> LegacyAgent:
    """Replace the state parameter by a RunInput, and add one to methods that need it now."""
    parameters_by_method = {each.name.value: find_run_parameters(agent, each) for each in agent.methods}
    needing = _find_methods_needing_run_input(agent, parameters_by_method)
    for method in agent.methods:
        parameters = parameters_by_method[method.name.value]
        change = _CallConverter(agent, parameters, parameters_by_method, needing)
        changed = method.with_changes(body=method.body.visit(change))
        if method.name.value == agent.entry_method:
            changed = _to_perform(changed)
        elif parameters.carrier is not None:
            changed = changed.with_changes(params=_replace_carrier(changed.params, parameters.carrier))
        elif method.name.value in needing:
            changed = changed.with_changes(params=_prepend_run_input(changed.params))
        agent = agent.with_method(method, changed)
    return _report_uncalled_methods(agent, parameters_by_method, needing)


def _to_perform(method: cst.FunctionDef) -> cst.FunctionDef:
    own = method.params.params[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return method.with_changes(
        name=cst.Name("perform"),
        params=cst.Parameters(params=[own, RUN_INPUT_PARAMETER]),
        returns=cst.Annotation(cst.parse_expression("AgentResult[object]")),
        whitespace_before_params=cst.SimpleWhitespace(""),
    )


def _replace_carrier(params: cst.Parameters, carrier: str) -> cst.Parameters:
    changed = [
        RUN_INPUT_PARAMETER.with_changes(comma=each.comma) if each.name.value == carrier else each
        for each in params.params
    ]
    return params.with_changes(params=changed)


def _prepend_run_input(params: cst.Parameters) -> cst.Parameters:
    own, *rest = params.params
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return params.with_changes(
        params=[
            own.with_changes(comma=comma),
            RUN_INPUT_PARAMETER.with_changes(comma=comma) if rest else RUN_INPUT_PARAMETER,
            *rest,
        ]
    )


def _find_methods_needing_run_input(agent: LegacyAgent, parameters_by_method: dict[str, RunParameters]) -> set[str]:
    """Return the methods that use a RunInput without taking one, and their callers that do not take one either."""
    without = {
        name
        for name, parameters in parameters_by_method.items()
        if parameters.carrier is None and name != agent.entry_method
    }
    calls = {each.name.value: _find_called_methods(each) for each in agent.methods}
    needing = {
        name
        for name in without
        if "run_input" in {each.value for each in find_variable_uses(_get_method(agent, name).body)}
    }
    while more := {name for name in without - needing if calls[name] & needing}:
        needing |= more
    return needing


def _find_called_methods(method: cst.FunctionDef) -> set[str]:
    return {name for call in find_nodes(method, cst.Call) if (name := get_self_attribute(call.func))}


def _get_method(agent: LegacyAgent, name: str) -> cst.FunctionDef:
    return next(each for each in agent.methods if each.name.value == name)


class _CallConverter(IdentityTransformer):
    """Pass the RunInput on where the agent's methods passed the state on."""

    def __init__(
        self,
        agent: LegacyAgent,
        parameters: RunParameters,
        parameters_by_method: dict[str, RunParameters],
        needing: set[str],
    ) -> None:
        super().__init__()
        self.agent, self.parameters, self.parameters_by_method, self.needing = (
            agent,
            parameters,
            parameters_by_method,
            needing,
        )

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802
        name = get_self_attribute(updated_node.func)
        if name is None or name not in self.parameters_by_method:
            return updated_node
        if name in self.needing:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            argument = cst.Arg(cst.Name("run_input"), comma=comma if updated_node.args else cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(args=[argument, *updated_node.args])
        carrier = self.parameters_by_method[name].carrier
        if carrier is None or self.parameters.carrier is None:
            return updated_node
        parameters = [each.name.value for each in _get_method(self.agent, name).params.params[1:]]
        place = parameters.index(carrier)
        return updated_node.with_changes(
            args=[self._convert_argument(each, at == place, carrier) for at, each in enumerate(updated_node.args)]
        )

    def _convert_argument(self, arg: cst.Arg, here: bool, carrier: str) -> cst.Arg:
        if not isinstance(arg.value, cst.Name) or arg.value.value != self.parameters.carrier or arg.star:
            return arg
        if arg.keyword is None:
            return arg.with_changes(value=cst.Name("run_input")) if here else arg
        if arg.keyword.value != carrier:
            return arg
        return arg.with_changes(value=cst.Name("run_input"), keyword=cst.Name("run_input"))


def _report_uncalled_methods(
    agent: LegacyAgent, parameters_by_method: dict[str, RunParameters], needing: set[str]
) -> LegacyAgent:
    """Report methods that take a RunInput now, but are called from elsewhere or decorated."""
    called = {name for each in agent.methods for name in _find_called_methods(each)}
    for method in agent.methods:
        name = method.name.value
        if name in ("perform", "__init__") or not (
            parameters_by_method.get(name, RunParameters()).carrier or name in needing
        ):
            continue
        if name not in called:
            reason = "takes the state, but nothing in this class calls it: its callers would have to pass a RunInput"
            agent = agent.with_issues(agent.build_issue(method.name, reason))
        if method.decorators:
            agent = agent.with_issues(
                agent.build_issue(method.name, "is decorated, so other code may depend on its signature")
            )
    return agent


def add_class_attributes(agent: LegacyAgent) -> LegacyAgent:
    name = agent.name or _to_snake_case(agent.node.name.value)
    title = agent.title or _to_title(agent.node.name.value)
    members = list(agent.node.body.body)
    place = 1 if is_docstring(members[0]) else 0
    at = next((number for number, each in enumerate(members) if _is_perform(each)), len(members))
    head = _build_attributes(agent, name, title, bool(place))
    middle = [each for each in members[place:at] if not _is_pass(each)]
    whole = [*members[:place], *head, *middle, _build_opening(agent, title), *_add_blank_line(members[at:])]
    node = agent.node.with_changes(
        bases=[cst.Arg(cst.parse_expression("BaseAgent[object]"))],
        lpar=cst.LeftParen(),
        rpar=cst.RightParen(),
    )
    look = [agent.build_issue(agent.node.name, REVIEW_ATTRIBUTES, blocks=False)]
    if agent.opening is None:
        look.append(agent.build_issue(agent.node.name, REVIEW_OPENING, blocks=False))
    return replace(agent, node=node, name=name, title=title).with_members(whole).with_issues(*look)


def _build_attributes(agent: LegacyAgent, name: str, title: str, after: bool) -> list[cst.BaseStatement]:
    present = {each.value for each in find_class_attributes(agent.node)}
    values = {
        "name": _to_literal(name),
        "title": _to_literal(title),
        "seconds": str(DEFAULT_SECONDS),
        "output": "object",
    }
    if agent.tools:
        values["tools"] = f"({', '.join(map(_to_literal, agent.tools))}{',' if len(agent.tools) == 1 else ''})"
    lines = [cst.parse_statement(f"{key} = {value}") for key, value in values.items() if key not in present]
    if after and lines:
        lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return list(lines)


def _build_opening(agent: LegacyAgent, title: str) -> cst.FunctionDef:
    method = cst.ensure_type(
        cst.parse_statement(
            f"def opening(self, run_input: RunInput) -> str:\n    return {_to_literal(title + ' is starting.')}\n"
        ),
        cst.FunctionDef,
    )
    if agent.opening is not None:
        method = method.with_changes(body=method.body.with_changes(body=[agent.opening]))
    return method.with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _add_blank_line(members: list[cst.CSTNode]) -> list[cst.CSTNode]:
    """Add a blank line between the opening and the method after it."""
    if not members or not isinstance(members[0], cst.FunctionDef):
        return members
    first = members[0]
    if first.leading_lines and first.leading_lines[0].comment is None:
        return members
    return [first.with_changes(leading_lines=[cst.EmptyLine(indent=False), *first.leading_lines]), *members[1:]]


def _is_perform(member: cst.CSTNode) -> bool:
    return isinstance(member, cst.FunctionDef) and member.name.value == "perform"


def _is_pass(member: cst.CSTNode) -> bool:
    return isinstance(member, cst.SimpleStatementLine) and isinstance(member.body[0], cst.Pass)


def _to_title(name: str) -> str:
    bare = re.sub(r"(Sub)?Agent$", "", name) or name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare).replace("_", " ").strip().capitalize()


def _to_snake_case(name: str) -> str:
    return _to_title(name).lower().replace(" ", "_")


def _to_literal(text: str) -> str:
    literal = repr(text)
    return f'"{text}"' if literal == f"'{text}'" and '"' not in text else literal
