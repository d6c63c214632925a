"""Find writes to state that all instances of an agent class, and so all users, would share.

Covers methods and the functions of their own module that they name. Other modules are not searched."""

import ast
import inspect
import textwrap
import types
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

MUTABLE_CONTAINERS = (list, dict, set, bytearray, deque)
MUTATING_METHODS = frozenset(
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
    message: str

    def __str__(self) -> str:
        return f"{PurePath(self.file).name}:{self.line} {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSource:
    """A function and its syntax tree.

    `bound_names` are its parameters and locals, `class_names` the names of the class and its bases.
    """

    function: types.FunctionType
    tree: FunctionNode
    bound_names: frozenset[str]
    class_names: frozenset[str]

    def to_shared_write(self, node: ast.AST, message: str) -> SharedWrite:
        code = self.function.__code__
        line = code.co_firstlineno + getattr(node, "lineno", 1) - 1
        return SharedWrite(file=code.co_filename, line=line, message=message)

    def describe_shared(self, node: ast.expr) -> str | None:
        """Describe the shared object that an expression like `a.b[c].d` begins with; None if it is not shared."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Attribute) and node.attr == "__class__":
                return "its class"
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type" and node.args:
            return "its class"
        if not isinstance(node, ast.Name):
            return None
        if node.id == "cls" or node.id in self.class_names:
            return "its class"
        known = node.id in self.function.__globals__ and node.id not in self.bound_names
        return f"the module's {node.id}" if known else None


def find_shared_writes(
    kind: type[Any], *, beside: frozenset[type[Any]] = frozenset({object})
) -> tuple[SharedWrite, ...]:
    """Find shared writes in a class and its bases except `beside`; each once, in order."""
    classes = [each for each in kind.__mro__ if each not in beside and each.__module__ not in ("abc", "typing")]
    names = frozenset(each.__name__ for each in classes)
    waiting = [member for each in classes for member in vars(each).values()]
    seen: set[types.FunctionType] = set()
    found: list[SharedWrite] = []
    while waiting:
        member = waiting.pop(0)
        function = unwrap_function(member)
        if function is None or function in seen:
            continue
        seen.add(function)
        source = parse_function(function, names)
        if source is None:
            continue
        if hasattr(getattr(member, "__func__", member), "cache_info"):
            found.append(
                source.to_shared_write(source.tree, f"caches the results of {function.__name__} for all users")
            )
        found += _find_writes(source)
        waiting += _iter_named_functions(source)
    return tuple(dict.fromkeys(found))


def unwrap_function(member: object) -> types.FunctionType | None:
    """Return the function behind a member of a class or module, without its decorators."""
    inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    if inner is None or isinstance(inner, type) or not callable(inner):
        return None
    inner = inspect.unwrap(inner)
    return inner if isinstance(inner, types.FunctionType) else None


def parse_function(function: types.FunctionType, classes: frozenset[str] = frozenset()) -> FunctionSource | None:
    """Parse a function; None if it has no source, as a library's generated function."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if not isinstance(tree, FunctionNode):
        return None
    return FunctionSource(function=function, tree=tree, bound_names=_collect_bound_names(tree), class_names=classes)


def _collect_bound_names(tree: FunctionNode) -> frozenset[str]:
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    given = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return frozenset((stored | given) - declared)


def _find_writes(source: FunctionSource) -> Iterator[SharedWrite]:
    name = source.function.__name__
    defaults = (*(source.function.__defaults__ or ()), *(source.function.__kwdefaults__ or {}).values())
    if any(isinstance(each, MUTABLE_CONTAINERS) for each in defaults):
        yield source.to_shared_write(source.tree, f"{name} has a mutable default that all calls share")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield source.to_shared_write(node, f"{name} assigns to the module's {', '.join(node.names)}")
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            written = source.describe_shared(node)
            if written:
                yield source.to_shared_write(node, f"{name} writes to {written}")
        elif isinstance(node, ast.Call):
            changed = _describe_mutation(source, node)
            if changed:
                yield source.to_shared_write(node, f"{name} changes {changed}")


def _describe_mutation(source: FunctionSource, call: ast.Call) -> str | None:
    """Describe the shared object that a call changes: `NAME.append(...)`, `Class.x.add(...)`, `setattr(Class, ...)`."""
    if isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args:
        return source.describe_shared(call.args[0])
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in MUTATING_METHODS):
        return None
    on = call.func.value
    shared = source.describe_shared(on)
    if shared is None or shared == "its class":
        # `cls.update()` is a method of the class; `cls.seen.update()` is a method of its attribute.
        return shared if isinstance(on, ast.Attribute | ast.Subscript) else None
    plain = isinstance(on, ast.Name) and not isinstance(source.function.__globals__[on.id], MUTABLE_CONTAINERS)
    return None if plain else shared


def _iter_named_functions(source: FunctionSource) -> Iterator[object]:
    """Yield the functions of the same module that a function names."""
    space = source.function.__globals__
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in space and node.id not in source.bound_names:
            named = space[node.id]
            function = unwrap_function(named)
            if function is not None and function.__globals__ is space:
                yield named
