"""Ids of runs, threads and connections where a user's id belongs."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import last, words

_FIRST_IS_USER = frozenset({"send_to_user", "connect_user", "disconnect_user", "notify_user", "for_user", "as_user"})
_OTHERS = frozenset({"run", "thread", "request", "connection", "conn", "task", "message", "execution", "agent"})
_USER = ("user", "id")


def find(module: Module) -> Iterator[Hit]:
    for node, value in _places(module):
        wrong = _wrong(value)
        if wrong:
            yield Hit(node=node, message=f"{wrong} stands where a user's id belongs.", confidence=Confidence.HIGH)


def _places(module: Module) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr]]:
    """Every value that is taken for a user's id."""
    for call in module.every(ast.Call):
        for each in call.keywords:
            if each.arg is not None and _means_user(each.arg):
                yield each.value, each.value
        if last(call.func) in _FIRST_IS_USER and call.args:
            yield call.args[0], call.args[0]
    for assign in module.every(ast.Assign):
        if any(_means_user(last(target)) or _is_user_item(target) for target in assign.targets):
            yield assign, assign.value
    for literal in module.every(ast.Dict):
        for key, value in zip(literal.keys, literal.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "user_id":
                yield value, value


def _means_user(name: str) -> bool:
    return words(name) == _USER


def _is_user_item(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == "user_id"
    )


def _wrong(value: ast.expr) -> str:
    """The name of the foreign id, also as the fallback of `or` and of a condition."""
    if isinstance(value, ast.BoolOp):
        return next((found for each in value.values if (found := _wrong(each))), "")
    if isinstance(value, ast.IfExp):
        return _wrong(value.body) or _wrong(value.orelse)
    if isinstance(value, ast.Call) and last(value.func) in {"str", "UUID"} and len(value.args) == 1:
        return _wrong(value.args[0])
    parts = words(last(value))
    return last(value) if len(parts) >= 2 and parts[-1] == "id" and parts[-2] in _OTHERS else ""


RULE = Rule(
    id="run-id-as-user-id",
    title="Another id where a user's belongs",
    why="Events and rows go to nobody, or to whoever has that id: whose they are can no longer be checked.",
    mend="Take user_id from the context; give each kind of id a type of its own, so that they cannot be mixed up.",
    severity=Severity.ERROR,
    find=find,
)
