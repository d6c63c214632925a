"""One parsed file with what every rule asks of it: nodes by kind, what is around a node, what a name means there."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from legacy.analysis.names import dotted
from legacy.analysis.writes import Write

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
NamedFunction: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Loop: TypeAlias = ast.For | ast.AsyncFor
N = TypeVar("N", bound=ast.AST)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    path: str
    tree: ast.Module
    lines: Sequence[str]
    nodes: Mapping[type[ast.AST], Sequence[ast.AST]]
    parents: Mapping[ast.AST, ast.AST]
    bound: Mapping[ast.AST, frozenset[str]]
    """Names that a function binds for itself."""
    imports: Mapping[str, str]
    """Local name: what it was imported as, in full."""
    writes: Sequence[Write]

    def every(self, kind: type[N]) -> Iterator[N]:
        yield from self.nodes.get(kind, ())  # type: ignore[misc]

    def loops(self) -> Iterator[Loop]:
        yield from self.every(ast.For)
        yield from self.every(ast.AsyncFor)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function(self, node: ast.AST) -> Function | None:
        """The nearest function around, lambdas too."""
        return next((each for each in self.above(node) if isinstance(each, FUNCTIONS)), None)

    def named_function(self, node: ast.AST) -> NamedFunction | None:
        around = (each for each in self.above(node) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
        return next(around, None)

    def klass(self, node: ast.AST) -> ast.ClassDef | None:
        return next((each for each in self.above(node) if isinstance(each, ast.ClassDef)), None)

    def functions(self) -> Iterator[NamedFunction]:
        yield from self.every(ast.FunctionDef)
        yield from self.every(ast.AsyncFunctionDef)

    def origin(self, expr: ast.AST) -> str:
        """`asyncio.create_task` for whatever name it was imported by."""
        name = dotted(expr)
        first, point, rest = name.partition(".")
        return self.imports.get(first, first) + point + rest

    def is_global(self, name: ast.Name) -> bool:
        """Whether the module's own name is meant where this stands."""
        return not any(name.id in self.bound.get(each, ()) for each in self.above(name))
