"""Ids of runs, threads or connections used as a user id."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, split_words
from legacy.analysis.parsing import ParsedModule

_USER_FIRST_FUNCTIONS = frozenset(
    {"send_to_user", "connect_user", "disconnect_user", "notify_user", "for_user", "as_user"}
)
_OTHER_ID_WORDS = frozenset({"run", "thread", "request", "connection", "conn", "task", "message", "execution", "agent"})
_USER_ID_WORDS = ("user", "id")


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for node, value in _find_user_id_values(module):
        wrong = _find_other_id(value)
        if wrong:
            yield RuleHit(node=node, message=f"{wrong} stands where a user's id belongs.", confidence=Confidence.HIGH)


def _find_user_id_values(module: ParsedModule) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr]]:
    """Yield every value that is used as a user's id."""
    for call in module.iter_nodes(ast.Call):
        for each in call.keywords:
            if each.arg is not None and _is_user_id(each.arg):
                yield each.value, each.value
        if get_last_identifier(call.func) in _USER_FIRST_FUNCTIONS and call.args:
            yield call.args[0], call.args[0]
    for assign in module.iter_nodes(ast.Assign):
        if any(_is_user_id(get_last_identifier(target)) or _is_user_item(target) for target in assign.targets):
            yield assign, assign.value
    for literal in module.iter_nodes(ast.Dict):
        for key, value in zip(literal.keys, literal.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "user_id":
                yield value, value


def _is_user_id(name: str) -> bool:
    return split_words(name) == _USER_ID_WORDS


def _is_user_item(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == "user_id"
    )


def _find_other_id(value: ast.expr) -> str:
    """Return the name of the other id, also in a fallback after `or` or in a conditional expression."""
    if isinstance(value, ast.BoolOp):
        return next((found for each in value.values if (found := _find_other_id(each))), "")
    if isinstance(value, ast.IfExp):
        return _find_other_id(value.body) or _find_other_id(value.orelse)
    if isinstance(value, ast.Call) and get_last_identifier(value.func) in {"str", "UUID"} and len(value.args) == 1:
        return _find_other_id(value.args[0])
    parts = split_words(get_last_identifier(value))
    return get_last_identifier(value) if len(parts) >= 2 and parts[-1] == "id" and parts[-2] in _OTHER_ID_WORDS else ""


RULE = IsolationRule(
    id="run-id-as-user-id",
    title="Another id where a user's belongs",
    why="Events and rows go to nobody, or to whoever has that id: whose they are can no longer be checked.",
    remedy="Take user_id from the context; give each kind of id a type of its own, so that they cannot be mixed up.",
    severity=Severity.ERROR,
    find=find,
)
