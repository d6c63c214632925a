"""Mutable default arguments that are modified or stored."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import to_dotted_name
from legacy.analysis.parsing import NamedFunction, ParsedModule, Write
from legacy.analysis.scopes import is_mutable


def find(module: ParsedModule) -> Iterator[RuleHit]:
    written: dict[str, list[Write]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Name):
            written.setdefault(write.target.id, []).append(write)
    for function in module.iter_functions():
        for parameter, default in _list_defaults(function):
            if is_mutable(default):
                yield from _check_default(module, function, parameter, default, written.get(parameter.arg, []))


def _check_default(
    module: ParsedModule, function: NamedFunction, parameter: ast.arg, default: ast.expr, its: list[Write]
) -> Iterator[RuleHit]:
    kept = _find_storing_assignment(function, parameter.arg)
    mine = [each for each in its if module.find_enclosing_named_function(each.node) is function]
    if any(each.how == "rebind" for each in mine):
        return
    if mine:
        said = f"is changed in line {min(each.node.lineno for each in mine)}"
    elif kept is not None:
        said = f"is kept in line {kept.lineno}"
    else:
        return
    yield RuleHit(
        node=default,
        message=f"The default of {parameter.arg} is made once, for all calls of {function.name}(), and {said}.",
        confidence=Confidence.HIGH if mine or _is_modified_later(module, kept) else Confidence.LOW,
    )


def _find_storing_assignment(function: NamedFunction, name: str) -> ast.Assign | None:
    """`self.x = x`, as it is."""
    for each in ast.walk(function):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Attribute):
            continue
        if isinstance(each.value, ast.Name) and each.value.id == name:
            return each
    return None


def _is_modified_later(module: ParsedModule, kept: ast.Assign | None) -> bool:
    """`self.x.append(…)`, where `self.x = x` has kept the default."""
    if kept is None:
        return False
    name = to_dotted_name(kept.targets[0])
    return any(
        each.how != "attribute"
        and to_dotted_name(each.target) == name
        and module.find_enclosing_class(each.node) is module.find_enclosing_class(kept)
        for each in module.writes
    )


def _list_defaults(function: NamedFunction) -> Iterator[tuple[ast.arg, ast.expr]]:
    its = function.args
    plain = [*its.posonlyargs, *its.args]
    yield from zip(plain[len(plain) - len(its.defaults) :], its.defaults, strict=True)
    for each, default in zip(its.kwonlyargs, its.kw_defaults, strict=True):
        if default is not None:
            yield each, default


RULE = IsolationRule(
    id="mutable-default",
    title="A default argument that calls share",
    why="A default is made once for the process: what one user's call adds to it is there in the next user's call.",
    remedy="Let the default be None or empty and frozen, and make a new container inside.",
    severity=Severity.ERROR,
    find=find,
)
