"""Parse a file in one walk: nodes by type, parents, local bindings, imports, and every write to an existing object."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from legacy.analysis.identifiers import to_dotted_name

NodesByType: TypeAlias = Mapping[type[ast.AST], Sequence[ast.AST]]

_MUTATING_METHODS = frozenset(
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
_LOOKUP_METHODS = frozenset({"get", "setdefault"})
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
NamedFunction: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Loop: TypeAlias = ast.For | ast.AsyncFor
NodeType = TypeVar("NodeType", bound=ast.AST)
FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LEAF_NODES = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    target: ast.expr
    """The changed object, without keys: `x` of `x[k].append(v)`."""
    node: ast.expr | ast.stmt
    key: ast.expr | None = None
    value: ast.expr | None = None
    how: str
    """`item`, `drop`, a method's name, `rebind` or `attribute`."""


def find_writes(nodes: NodesByType) -> Iterator[Write]:
    for kind in (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.Call):
        for node in nodes.get(kind, ()):
            yield from _iter_writes(node)


def _iter_writes(node: ast.AST) -> Iterator[Write]:
    if isinstance(node, ast.Assign | ast.Delete):
        for target in node.targets:
            if isinstance(node, ast.Assign):
                yield from _iter_assignment_writes(target, node, node.value)
            elif isinstance(target, ast.Subscript):
                yield Write(target=find_container(target), node=node, key=target.slice, how="drop")
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        if node.value is not None:
            yield from _iter_assignment_writes(node.target, node, node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATING_METHODS:
        yield _find_call_write(node, node.func)


def _iter_assignment_writes(target: ast.expr, node: ast.stmt, value: ast.expr) -> Iterator[Write]:
    if isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _iter_assignment_writes(each, node, value)
    elif isinstance(target, ast.Subscript):
        yield Write(target=find_container(target), node=node, key=target.slice, value=value, how="item")
    elif isinstance(target, ast.Attribute):
        yield Write(target=target, node=node, value=value, how="attribute")
    elif isinstance(target, ast.Name):
        yield Write(target=target, node=node, value=value, how="rebind")


def _find_call_write(call: ast.Call, method: ast.Attribute) -> Write:
    inner, key = method.value, call.args[0] if call.args else None
    if isinstance(inner, ast.Subscript):
        key = inner.slice
    elif isinstance(inner, ast.Call) and inner.args:
        key = inner.args[0]
    how = "drop" if method.attr == "pop" else method.attr
    return Write(target=find_container(inner), node=call, key=key, value=call.args[-1] if call.args else None, how=how)


def find_container(expr: ast.expr) -> ast.expr:
    """Return the container of the keys: `x` of `x[a][b]` and of `x.setdefault(a, [])`."""
    while True:
        if isinstance(expr, ast.Subscript):
            expr = expr.value
        elif isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute) and expr.func.attr in _LOOKUP_METHODS:
            expr = expr.func.value
        else:
            return expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedModule:
    path: str
    tree: ast.Module
    lines: Sequence[str]
    nodes: Mapping[type[ast.AST], Sequence[ast.AST]]
    parents: Mapping[ast.AST, ast.AST]
    local_bindings: Mapping[ast.AST, frozenset[str]]
    """The local names of each function."""
    imports: Mapping[str, str]
    """Local name to the full name of the import."""
    writes: Sequence[Write]

    def iter_nodes(self, kind: type[NodeType]) -> Iterator[NodeType]:
        yield from self.nodes.get(kind, ())  # type: ignore[misc]

    def iter_loops(self) -> Iterator[Loop]:
        yield from self.iter_nodes(ast.For)
        yield from self.iter_nodes(ast.AsyncFor)

    def iter_ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def find_enclosing_function(self, node: ast.AST) -> Function | None:
        """Return the nearest enclosing function or lambda."""
        return next((each for each in self.iter_ancestors(node) if isinstance(each, FUNCTION_NODES)), None)

    def find_enclosing_named_function(self, node: ast.AST) -> NamedFunction | None:
        around = (
            each for each in self.iter_ancestors(node) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        return next(around, None)

    def find_enclosing_class(self, node: ast.AST) -> ast.ClassDef | None:
        return next((each for each in self.iter_ancestors(node) if isinstance(each, ast.ClassDef)), None)

    def iter_functions(self) -> Iterator[NamedFunction]:
        yield from self.iter_nodes(ast.FunctionDef)
        yield from self.iter_nodes(ast.AsyncFunctionDef)

    def resolve_import(self, expr: ast.AST) -> str:
        """Return the full name of an imported object, such as `asyncio.create_task`, whatever its local name is."""
        name = to_dotted_name(expr)
        first, point, rest = name.partition(".")
        return self.imports.get(first, first) + point + rest

    def is_global(self, name: ast.Name) -> bool:
        """Whether this name refers to the module's, not to a local one."""
        return not any(name.id in self.local_bindings.get(each, ()) for each in self.iter_ancestors(name))


def parse_module(path: str, source: str) -> ParsedModule:
    """Raises SyntaxError, ValueError for a null byte, RecursionError for too deep nesting."""
    tree = ast.parse(source, path)
    walk = _ModuleWalker()
    walk.walk(tree)
    bound = {scope: frozenset(names - walk.released[scope]) for scope, names in walk.bound.items()}
    return ParsedModule(
        path=path,
        tree=tree,
        # As the parser counts lines; splitlines() would split at form feeds, too.
        lines=re.split("\r\n|\r|\n", source),
        nodes=walk.nodes,
        parents=walk.parents,
        local_bindings=bound,
        imports=walk.imports,
        writes=tuple(find_writes(walk.nodes)),
    )


class _ModuleWalker:
    def __init__(self) -> None:
        self.nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.bound: dict[ast.AST, set[str]] = defaultdict(set)
        self.released: dict[ast.AST, set[str]] = defaultdict(set)
        self.imports: dict[str, str] = {}

    def walk(self, tree: ast.Module) -> None:
        waiting: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
        while waiting:
            node, scope = waiting.pop()
            self.nodes[type(node)].append(node)
            self._record_bindings(node, scope)
            inner = node if isinstance(node, FUNCTION_NODES) else None if isinstance(node, ast.ClassDef) else scope
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, _LEAF_NODES):
                    self.parents[child] = node
                    waiting.append((child, inner))

    def _record_bindings(self, node: ast.AST, scope: ast.AST | None) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._record_import(node, scope)
        if scope is None:
            return
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                self.bound[scope].add(node.id)
        elif isinstance(node, ast.arg):
            self.bound[scope].add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
            self.bound[scope].add(node.name or "")
        elif isinstance(node, ast.Global):
            self.released[scope].update(node.names)

    def _record_import(self, node: ast.Import | ast.ImportFrom, scope: ast.AST | None) -> None:
        module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for each in node.names:
            local = each.asname or each.name.partition(".")[0]
            self.imports[local] = f"{module}{each.name}" if each.asname or module else local
