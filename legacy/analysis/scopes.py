"""Names that a module or a class has for as long as the process lives."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCKS = (ast.If, ast.Try, ast.With)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str
    node: ast.stmt
    value: ast.expr | None
    annotation: ast.expr | None


def assigned(body: list[ast.stmt]) -> Iterator[Named]:
    """Assignments of a module's or class's own body, also under `if`, `try` and `with`."""
    for each in body:
        if isinstance(each, ast.Assign):
            for target in each.targets:
                if isinstance(target, ast.Name):
                    yield Named(name=target.id, node=each, value=each.value, annotation=None)
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield Named(name=each.target.id, node=each, value=each.value, annotation=each.annotation)
        elif isinstance(each, _BLOCKS) and not _is_script(each):
            yield from assigned(each.body)
            if not isinstance(each, ast.With):
                yield from assigned(each.orelse)
            if isinstance(each, ast.Try):
                for handler in each.handlers:
                    yield from assigned(handler.body)


def _is_script(block: ast.stmt) -> bool:
    """`if __name__ == "__main__":` is a program of its own."""
    return isinstance(block, ast.If) and "__name__" in {
        each.id for each in ast.walk(block.test) if isinstance(each, ast.Name)
    }


def methods(klass: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (each for each in klass.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    its = function.args
    more = [each for each in (its.vararg, its.kwarg) if each is not None]
    return [*its.posonlyargs, *its.args, *its.kwonlyargs, *more]


def optional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Parameters that a caller may leave out."""
    its = function.args
    plain = [*its.posonlyargs, *its.args]
    given = plain[len(plain) - len(its.defaults) :]
    named = [each for each, default in zip(its.kwonlyargs, its.kw_defaults, strict=True) if default is not None]
    return frozenset(each.arg for each in [*given, *named])


def decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    return [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
