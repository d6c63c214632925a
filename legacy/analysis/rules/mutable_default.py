"""Default arguments that are changed or kept."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.mutable import is_mutable
from legacy.analysis.names import dotted
from legacy.analysis.writes import Write


def find(module: Module) -> Iterator[Hit]:
    written: dict[str, list[Write]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Name):
            written.setdefault(write.target.id, []).append(write)
    for function in module.functions():
        for parameter, default in _defaults(function):
            if is_mutable(default):
                yield from _judged(module, function, parameter, default, written.get(parameter.arg, []))


def _judged(
    module: Module, function: NamedFunction, parameter: ast.arg, default: ast.expr, its: list[Write]
) -> Iterator[Hit]:
    kept = _kept(function, parameter.arg)
    mine = [each for each in its if module.named_function(each.node) is function]
    if any(each.how == "rebind" for each in mine):
        return
    if mine:
        said = f"is changed in line {min(each.node.lineno for each in mine)}"
    elif kept is not None:
        said = f"is kept in line {kept.lineno}"
    else:
        return
    yield Hit(
        node=default,
        message=f"The default of {parameter.arg} is made once, for all calls of {function.name}(), and {said}.",
        confidence=Confidence.HIGH if mine or _is_changed_later(module, kept) else Confidence.LOW,
    )


def _kept(function: NamedFunction, name: str) -> ast.Assign | None:
    """`self.x = x`, as it is."""
    for each in ast.walk(function):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Attribute):
            continue
        if isinstance(each.value, ast.Name) and each.value.id == name:
            return each
    return None


def _is_changed_later(module: Module, kept: ast.Assign | None) -> bool:
    """`self.x.append(…)`, where `self.x = x` has kept the default."""
    if kept is None:
        return False
    name = dotted(kept.targets[0])
    return any(
        each.how != "attribute" and dotted(each.target) == name and module.klass(each.node) is module.klass(kept)
        for each in module.writes
    )


def _defaults(function: NamedFunction) -> Iterator[tuple[ast.arg, ast.expr]]:
    its = function.args
    plain = [*its.posonlyargs, *its.args]
    yield from zip(plain[len(plain) - len(its.defaults) :], its.defaults, strict=True)
    for each, default in zip(its.kwonlyargs, its.kw_defaults, strict=True):
        if default is not None:
            yield each, default


RULE = Rule(
    id="mutable-default",
    title="A default argument that calls share",
    why="A default is made once for the process: what one user's call adds to it is there in the next user's call.",
    mend="Let the default be None or empty and frozen, and make a new container inside.",
    severity=Severity.ERROR,
    find=find,
)
