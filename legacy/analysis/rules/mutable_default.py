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
    module: ParsedModule, function: NamedFunction, parameter: ast.arg, default: ast.expr, writes: list[Write]
) -> Iterator[RuleHit]:
    assignment = _find_storing_assignment(function, parameter.arg)
    own_writes = [each for each in writes if module.find_enclosing_named_function(each.node) is function]
    if any(each.how == "rebind" for each in own_writes):
        return
    if own_writes:
        said = f"is changed in line {min(each.node.lineno for each in own_writes)}"
    elif assignment is not None:
        said = f"is kept in line {assignment.lineno}"
    else:
        return
    yield RuleHit(
        node=default,
        message=f"The default of {parameter.arg} is made once, for all calls of {function.name}(), and {said}.",
        confidence=Confidence.HIGH if own_writes or _is_modified_later(module, assignment) else Confidence.LOW,
    )


def _find_storing_assignment(function: NamedFunction, name: str) -> ast.Assign | None:
    """Return the statement `self.x = x`."""
    for each in ast.walk(function):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Attribute):
            continue
        if isinstance(each.value, ast.Name) and each.value.id == name:
            return each
    return None


def _is_modified_later(module: ParsedModule, assignment: ast.Assign | None) -> bool:
    """Whether `self.x.append(…)` or the like changes the default that `self.x = x` has stored."""
    if assignment is None:
        return False
    name = to_dotted_name(assignment.targets[0])
    return any(
        each.how != "attribute"
        and to_dotted_name(each.target) == name
        and module.find_enclosing_class(each.node) is module.find_enclosing_class(assignment)
        for each in module.writes
    )


def _list_defaults(function: NamedFunction) -> Iterator[tuple[ast.arg, ast.expr]]:
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    yield from zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
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
