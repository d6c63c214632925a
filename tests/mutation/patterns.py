"""Patterns of source code, compared as syntax trees: formatting does not matter.

`$name` stands for any expression, and for the same one wherever it stands again. `...` as the last positional argument
of a call stands for whatever other arguments the call has."""

import ast
import copy
import re
from textwrap import dedent

HOLE_PREFIX = "_hole_"
REST = "..."
# Whether an expression is read or written, and how a string was quoted.
IGNORED_FIELDS = frozenset(("ctx", "kind", "type_comment"))

Bindings = dict[str, ast.AST]
"""What the holes of a pattern stand for; REST has the other arguments, as a call."""


def parse_statements(source: str) -> list[ast.stmt]:
    return ast.parse(re.sub(r"\$(\w+)", rf"{HOLE_PREFIX}\1", dedent(source))).body


def parse_statement(source: str) -> ast.stmt:
    """Raises ValueError for more than one."""
    (statement,) = parse_statements(source)
    return statement


def parse_pattern(source: str) -> ast.stmt | ast.expr:
    """An expression where the source is one, else a statement."""
    statement = parse_statement(source)
    return statement.value if isinstance(statement, ast.Expr) else statement


def match(pattern: object, node: object, bindings: Bindings) -> bool:
    """Whether a node, or a part of one, is what the pattern says; `bindings` has then what its holes stand for."""
    if isinstance(pattern, ast.Name) and pattern.id.startswith(HOLE_PREFIX):
        return isinstance(node, ast.expr) and match(bindings.setdefault(pattern.id, node), node, {})
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call) and _has_rest(pattern):
        return _match_call(pattern, node, bindings)
    if isinstance(pattern, ast.AST):
        fields = (field for field in pattern._fields if field not in IGNORED_FIELDS)
        return all(match(getattr(pattern, field), getattr(node, field), bindings) for field in fields)
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(match(*pair, bindings) for pair in zip(pattern, node, strict=True))
    return pattern == node


def fill(template: ast.AST, bindings: Bindings) -> ast.AST:
    """A copy of the template with what the holes stand for in their places."""
    filled: ast.AST = _HoleFiller(bindings).visit(copy.deepcopy(template))
    return filled


def _has_rest(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[-1], ast.Constant) and call.args[-1].value is ...


def _match_call(pattern: ast.Call, node: ast.Call, bindings: Bindings) -> bool:
    args = pattern.args[:-1]
    wanted = {keyword.arg: keyword.value for keyword in pattern.keywords}
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if len(node.args) < len(args) or not wanted.keys() <= given.keys():
        return False
    others = [keyword for keyword in node.keywords if keyword.arg not in wanted]
    bindings[REST] = ast.Call(func=node.func, args=node.args[len(args) :], keywords=others)
    return (
        match(pattern.func, node.func, bindings)
        and all(match(*pair, bindings) for pair in zip(args, node.args, strict=False))
        and all(match(value, given[name], bindings) for name, value in wanted.items())
    )


class _HoleFiller(ast.NodeTransformer):
    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._bindings[node.id]) if node.id.startswith(HOLE_PREFIX) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _has_rest(node):
            rest = copy.deepcopy(self._bindings[REST])
            assert isinstance(rest, ast.Call)
            node.args[-1:] = rest.args
            node.keywords += rest.keywords
        return node
