"""From source text to a `Module`, in one walk."""

import ast
import re
from collections import defaultdict

from legacy.analysis.module import FUNCTIONS, Module
from legacy.analysis.writes import writes

_LEAVES = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def read(path: str, source: str) -> Module:
    """Raises SyntaxError (ValueError for a null byte, RecursionError for what nests too deep)."""
    tree = ast.parse(source, path)
    walk = _Walk()
    walk.through(tree)
    bound = {scope: frozenset(names - walk.released[scope]) for scope, names in walk.bound.items()}
    return Module(
        path=path,
        tree=tree,
        # As the parser counts them: not at form feeds and the like, as splitlines() does.
        lines=re.split("\r\n|\r|\n", source),
        nodes=walk.nodes,
        parents=walk.parents,
        bound=bound,
        imports=walk.imports,
        writes=tuple(writes(walk.nodes)),
    )


class _Walk:
    def __init__(self) -> None:
        self.nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.bound: dict[ast.AST, set[str]] = defaultdict(set)
        self.released: dict[ast.AST, set[str]] = defaultdict(set)
        self.imports: dict[str, str] = {}

    def through(self, tree: ast.Module) -> None:
        waiting: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
        while waiting:
            node, scope = waiting.pop()
            self.nodes[type(node)].append(node)
            self._note(node, scope)
            inner = node if isinstance(node, FUNCTIONS) else None if isinstance(node, ast.ClassDef) else scope
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, _LEAVES):
                    self.parents[child] = node
                    waiting.append((child, inner))

    def _note(self, node: ast.AST, scope: ast.AST | None) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, scope)
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

    def _import(self, node: ast.Import | ast.ImportFrom, scope: ast.AST | None) -> None:
        module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for each in node.names:
            local = each.asname or each.name.partition(".")[0]
            self.imports[local] = f"{module}{each.name}" if each.asname or module else local
