"""A mutation: a named bug as a change of one function's syntax tree, and the tests that must notice it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.changes import Change, MutationError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`of` is a module, or `module:function`, `module:Class`, `module:Class.method`; `caught_by` are node ids below
    tests/. The few that are tried at each `make thorough` are `always`; all are in `make soak`. `only_on` names the
    database on which alone it does harm: on SQLite nobody meets another writer."""

    name: str
    of: str
    change: Change
    caught_by: tuple[str, ...]
    always: bool = False
    only_on: str = ""

    @property
    def file(self) -> str:
        return f"{self.of.partition(':')[0].replace('.', '/')}.py"

    def mutate(self, root: Path) -> str:
        """The source of its module below `root` with the bug in it. Raises MutationError where it cannot be put in: a
        bug that is not there would be caught by nobody."""
        try:
            module = ast.parse((root / self.file).read_bytes())
            before = ast.dump(module)
            self.change(module, find_scope(module, self.of.partition(":")[2]))
        except (MutationError, FileNotFoundError) as error:
            raise MutationError(f"{self.name}: {self.of}: {error}") from error
        if ast.dump(module) == before:
            raise MutationError(f"{self.name}: {self.of} is not changed")
        return ast.unparse(module)


def list_missing_tests(mutation: Mutation, root: Path) -> list[str]:
    """The node ids among `caught_by` that name no test below `root`."""
    return [test for test in mutation.caught_by if not _is_defined(test, root)]


def _is_defined(test: str, root: Path) -> bool:
    file, _, name = test.partition("::")
    path = root / "tests" / file
    if not path.is_file():
        return False
    return name.partition("[")[0] in {each.name for each in iter_definitions(ast.parse(path.read_bytes()))}


def find_scope(module: ast.Module, qualified_name: str) -> ast.AST:
    """The function or class of this name; the module for none."""
    scope: ast.AST = module
    for name in filter(None, qualified_name.split(".")):
        found = [each for each in iter_definitions(scope) if each.name == name]
        if len(found) != 1:
            raise MutationError(f"{name} is defined {len(found)} times")
        (scope,) = found
    return scope


def iter_definitions(scope: ast.AST) -> Iterator[Definition]:
    """The functions and classes of a scope, not those within them."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, Definition):
            yield node
        else:
            yield from iter_definitions(node)
