"""The changes that a mutation can make to the syntax tree of a function, class or module.

Each finds exactly one place, or raises MutationError. Patterns are written as patterns.py says."""

import ast
from collections.abc import Callable

from tests.mutation.patterns import Bindings, fill, match, parse_pattern, parse_statement, parse_statements

Change = Callable[[ast.Module, ast.AST], None]
"""Changes a scope of a module in place."""


class MutationError(Exception):
    """A mutation's function or place is not there, or is there more than once."""


def replace(pattern: str, by: str, *, everywhere: bool = False) -> Change:
    """One expression by another, or one statement by another. With `everywhere`, at each place where it stands."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        target = parse_pattern(pattern)
        template = parse_pattern(by) if isinstance(target, ast.expr) else parse_statement(by)
        substitution = _Substitution(target, template)
        substitution.generic_visit(scope)
        if substitution.count != 1 and not (everywhere and substitution.count):
            raise MutationError(f"{pattern!r} was found {substitution.count} times")

    return apply


def remove(statement: str) -> Change:
    """A statement. An awaited call is written with its await."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        substitution = _Substitution(parse_statement(statement), ast.Pass())
        substitution.generic_visit(scope)
        if substitution.count != 1:
            raise MutationError(f"the statement {statement!r} was found {substitution.count} times")

    return apply


def return_only(value: str) -> Change:
    """A function does nothing but return this."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            raise MutationError("only a function can return something")
        scope.body = parse_statements(f"return {value}")

    return apply


def drop_keyword(name: str) -> Change:
    """A keyword argument of a call."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        calls = [node for node in ast.walk(scope) if isinstance(node, ast.Call)]
        found = [(call, keyword) for call in calls for keyword in call.keywords if keyword.arg == name]
        if len(found) != 1:
            raise MutationError(f"the keyword argument {name} was found {len(found)} times")
        ((call, keyword),) = found
        call.keywords.remove(keyword)

    return apply


def edit_text(old: str, new: str) -> Change:
    """A part of a string, such as SQL."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        constants = [node for node in ast.walk(scope) if isinstance(node, ast.Constant)]
        found = [(node, node.value) for node in constants if isinstance(node.value, str) and old in node.value]
        if sum(value.count(old) for _, value in found) != 1:
            raise MutationError(f"the text {old!r} was not found exactly once")
        ((node, value),) = found
        node.value = value.replace(old, new)

    return apply


def add_to_module(source: str) -> Change:
    """Statements at the top of the module, such as a global variable that the changed code shares."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        start = 1 if ast.get_docstring(module) is not None else 0
        module.body[start:start] = parse_statements(source)

    return apply


def ignore_owner(model: str, *, everywhere: bool = False) -> Change:
    """A model's rows are no longer filtered by whose they are."""
    return replace(f"{model}.objects.for_user($user_id)", f"{model}.objects.all()", everywhere=everywhere)


def get_anybodys(rows: str) -> Change:
    """One of these rows is found by its key, whoever it belongs to."""
    return replace(f"{rows}.get_for($user_id, $pk)", f"{rows}.get(pk=$pk)")


def combine(*changes: Change) -> Change:
    """One change after the other."""

    def apply(module: ast.Module, scope: ast.AST) -> None:
        for change in changes:
            change(module, scope)

    return apply


class _Substitution(ast.NodeTransformer):
    def __init__(self, pattern: ast.AST, template: ast.AST) -> None:
        self.count = 0
        self._pattern = pattern
        self._template = template

    def visit(self, node: ast.AST) -> ast.AST:
        bindings: Bindings = {}
        if not match(self._pattern, node, bindings):
            return self.generic_visit(node)
        self.count += 1
        return fill(self._template, bindings)
