"""Where a class of agents writes what all its instances, and so all users, share: found in its source.

Methods, and the functions of their own module that they name. What other modules do is not looked into.
"""

import ast
import inspect
import textwrap
import types
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

CONTAINERS = (list, dict, set, bytearray, deque)
MUTATORS = frozenset(
    (
        *("append", "appendleft", "add", "update", "setdefault", "pop", "popleft", "popitem"),
        *("clear", "extend", "insert", "remove", "discard"),
    )
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWrite:
    file: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{PurePath(self.file).name}:{self.line} {self.says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A function with its syntax. `bound` are names of its own, `classes` those of the class and its bases."""

    function: types.FunctionType
    tree: FunctionNode
    bound: frozenset[str]
    classes: frozenset[str]

    def at(self, node: ast.AST, says: str) -> SharedWrite:
        code = self.function.__code__
        line = code.co_firstlineno + getattr(node, "lineno", 1) - 1
        return SharedWrite(file=code.co_filename, line=line, says=says)

    def shared(self, node: ast.expr) -> str | None:
        """What is shared that an expression like `a.b[c].d` begins with."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Attribute) and node.attr == "__class__":
                return "its class"
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type" and node.args:
            return "its class"
        if not isinstance(node, ast.Name):
            return None
        if node.id == "cls" or node.id in self.classes:
            return "its class"
        known = node.id in self.function.__globals__ and node.id not in self.bound
        return f"the module's {node.id}" if known else None


def shared_writes(kind: type[Any], *, beside: frozenset[type[Any]] = frozenset({object})) -> tuple[SharedWrite, ...]:
    """In the class and its bases, apart from `beside`; each once, in order."""
    classes = [each for each in kind.__mro__ if each not in beside and each.__module__ not in ("abc", "typing")]
    names = frozenset(each.__name__ for each in classes)
    waiting = [member for each in classes for member in vars(each).values()]
    seen: set[types.FunctionType] = set()
    found: list[SharedWrite] = []
    while waiting:
        member = waiting.pop(0)
        function = function_of(member)
        if function is None or function in seen:
            continue
        seen.add(function)
        source = source_of(function, names)
        if source is None:
            continue
        if hasattr(getattr(member, "__func__", member), "cache_info"):
            found.append(source.at(source.tree, f"keeps the results of {function.__name__} for everybody (a cache)"))
        found += _in_function(source)
        waiting += _named_by(source)
    return tuple(dict.fromkeys(found))


def function_of(member: object) -> types.FunctionType | None:
    """The function behind a class's or module's member, past decorators."""
    inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    if inner is None or isinstance(inner, type) or not callable(inner):
        return None
    inner = inspect.unwrap(inner)
    return inner if isinstance(inner, types.FunctionType) else None


def source_of(function: types.FunctionType, classes: frozenset[str] = frozenset()) -> Source | None:
    """None where there is none: what a library has made up."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if not isinstance(tree, FunctionNode):
        return None
    return Source(function=function, tree=tree, bound=_bound(tree), classes=classes)


def _bound(tree: FunctionNode) -> frozenset[str]:
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    given = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return frozenset((stored | given) - declared)


def _in_function(source: Source) -> Iterator[SharedWrite]:
    name = source.function.__name__
    defaults = (*(source.function.__defaults__ or ()), *(source.function.__kwdefaults__ or {}).values())
    if any(isinstance(each, CONTAINERS) for each in defaults):
        yield source.at(source.tree, f"{name} has a default that every call shares")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield source.at(node, f"{name} assigns to the module's {', '.join(node.names)}")
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            written = source.shared(node)
            if written:
                yield source.at(node, f"{name} writes to {written}")
        elif isinstance(node, ast.Call):
            changed = _changed(source, node)
            if changed:
                yield source.at(node, f"{name} changes {changed}")


def _changed(source: Source, call: ast.Call) -> str | None:
    """What a call changes that is shared: `NAME.append(...)`, `Class.seen.add(...)`, `setattr(Class, ...)`."""
    if isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args:
        return source.shared(call.args[0])
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in MUTATORS):
        return None
    on = call.func.value
    shared = source.shared(on)
    if shared is None or shared == "its class":
        # `cls.update()` is a method of the class; `cls.seen.update()` is one of what it holds.
        return shared if isinstance(on, ast.Attribute | ast.Subscript) else None
    plain = isinstance(on, ast.Name) and not isinstance(source.function.__globals__[on.id], CONTAINERS)
    return None if plain else shared


def _named_by(source: Source) -> Iterator[object]:
    """Functions of the same module that it names."""
    space = source.function.__globals__
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in space and node.id not in source.bound:
            named = space[node.id]
            function = function_of(named)
            if function is not None and function.__globals__ is space:
                yield named
