"""The class itself: BaseAgent's, with what it says of itself."""

import re
from dataclasses import replace

import libcst as cst

from legacy.codemods.agent import Agent
from legacy.codemods.shapes import class_names, docstring

SECONDS = 120
DECIDE = "brought over; decide its seconds, its title, the dataclass that is its output, and the summary for the user"
OPENING = "it began without a word for the user, and every turn in Netra begins with one: say what it is about to do"


def declared(agent: Agent) -> Agent:
    name = agent.name or _snake(agent.node.name.value)
    title = agent.title or _words(agent.node.name.value)
    members = list(agent.node.body.body)
    place = 1 if docstring(members[0]) else 0
    at = next((number for number, each in enumerate(members) if _performs(each)), len(members))
    head = _attributes(agent, name, title, bool(place))
    middle = [each for each in members[place:at] if not _is_pass(each)]
    whole = [*members[:place], *head, *middle, _opening(agent, title), *_spaced(members[at:])]
    node = agent.node.with_changes(
        bases=[cst.Arg(cst.parse_expression("BaseAgent[object]"))],
        lpar=cst.LeftParen(),
        rpar=cst.RightParen(),
    )
    look = [agent.places.left(agent.node.name, DECIDE, blocks=False)]
    if agent.opening is None:
        look.append(agent.places.left(agent.node.name, OPENING, blocks=False))
    return replace(agent, node=node, name=name, title=title).with_members(whole).leaving(*look)


def _attributes(agent: Agent, name: str, title: str, after: bool) -> list[cst.BaseStatement]:
    present = {each.value for each in class_names(agent.node)}
    said = {"name": _quoted(name), "title": _quoted(title), "seconds": str(SECONDS), "output": "object"}
    if agent.tools:
        said["tools"] = f"({', '.join(map(_quoted, agent.tools))}{',' if len(agent.tools) == 1 else ''})"
    lines = [cst.parse_statement(f"{key} = {value}") for key, value in said.items() if key not in present]
    if after and lines:
        lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return list(lines)


def _opening(agent: Agent, title: str) -> cst.FunctionDef:
    method = cst.ensure_type(
        cst.parse_statement(f"def opening(self, brief: Brief) -> str:\n    return {_quoted(title + ' is at work.')}\n"),
        cst.FunctionDef,
    )
    if agent.opening is not None:
        method = method.with_changes(body=method.body.with_changes(body=[agent.opening]))
    return method.with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _spaced(members: list[cst.CSTNode]) -> list[cst.CSTNode]:
    """The method that follows the opening stands apart from it."""
    if not members or not isinstance(members[0], cst.FunctionDef):
        return members
    first = members[0]
    if first.leading_lines and first.leading_lines[0].comment is None:
        return members
    return [first.with_changes(leading_lines=[cst.EmptyLine(indent=False), *first.leading_lines]), *members[1:]]


def _performs(member: cst.CSTNode) -> bool:
    return isinstance(member, cst.FunctionDef) and member.name.value == "perform"


def _is_pass(member: cst.CSTNode) -> bool:
    return isinstance(member, cst.SimpleStatementLine) and isinstance(member.body[0], cst.Pass)


def _words(name: str) -> str:
    bare = re.sub(r"(Sub)?Agent$", "", name) or name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare).replace("_", " ").strip().capitalize()


def _snake(name: str) -> str:
    return _words(name).lower().replace(" ", "_")


def _quoted(text: str) -> str:
    said = repr(text)
    return f'"{text}"' if said == f"'{text}'" and '"' not in text else said
