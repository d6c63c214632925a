"""Where something that exists is changed: `x[k] = v`, `x.append(v)`, `x.a = v`, `del x[k]`, a rebound global."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Nodes: TypeAlias = Mapping[type[ast.AST], Sequence[ast.AST]]

_CHANGING = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "push",
        "put",
        "put_nowait",
        "remove",
        "rotate",
        "setdefault",
        "sort",
        "update",
    ]
)
_PASSING = frozenset({"get", "setdefault"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    target: ast.expr
    """What is changed, without the keys: `x` of `x[k].append(v)`."""
    node: ast.expr | ast.stmt
    key: ast.expr | None = None
    value: ast.expr | None = None
    how: str
    """`item`, `drop`, a method's name, `rebind` or `attribute`."""


def writes(nodes: Nodes) -> Iterator[Write]:
    for kind in (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.Call):
        for node in nodes.get(kind, ()):
            yield from _of(node)


def _of(node: ast.AST) -> Iterator[Write]:
    if isinstance(node, ast.Assign | ast.Delete):
        for target in node.targets:
            if isinstance(node, ast.Assign):
                yield from _assigned(target, node, node.value)
            elif isinstance(target, ast.Subscript):
                yield Write(target=root(target), node=node, key=target.slice, how="drop")
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        if node.value is not None:
            yield from _assigned(node.target, node, node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        yield _called(node, node.func)


def _assigned(target: ast.expr, node: ast.stmt, value: ast.expr) -> Iterator[Write]:
    if isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _assigned(each, node, value)
    elif isinstance(target, ast.Subscript):
        yield Write(target=root(target), node=node, key=target.slice, value=value, how="item")
    elif isinstance(target, ast.Attribute):
        yield Write(target=target, node=node, value=value, how="attribute")
    elif isinstance(target, ast.Name):
        yield Write(target=target, node=node, value=value, how="rebind")


def _called(call: ast.Call, method: ast.Attribute) -> Write:
    inner, key = method.value, call.args[0] if call.args else None
    if isinstance(inner, ast.Subscript):
        key = inner.slice
    elif isinstance(inner, ast.Call) and inner.args:
        key = inner.args[0]
    how = "drop" if method.attr == "pop" else method.attr
    return Write(target=root(inner), node=call, key=key, value=call.args[-1] if call.args else None, how=how)


def root(expr: ast.expr) -> ast.expr:
    """What the keys are taken from: `x` of `x[a][b]` and of `x.setdefault(a, [])`."""
    while True:
        if isinstance(expr, ast.Subscript):
            expr = expr.value
        elif isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute) and expr.func.attr in _PASSING:
            expr = expr.func.value
        else:
            return expr
