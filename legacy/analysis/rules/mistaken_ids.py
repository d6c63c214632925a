"""Ids that are mistaken for others: used as a user id, or as the key under which a container is cleaned up."""

import ast
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, list_identifiers, split_words, to_dotted_name
from legacy.analysis.parsing import NamedFunction, ParsedModule, Write
from legacy.analysis.user_references import expand_key

# Ids that are never the same thing under two names.
_ID_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **{
            kind: f"{kind}_id"
            for kind in ("user", "run", "thread", "request", "connection", "session", "task", "tenant")
        },
        "conn": "connection_id",
        "owner": "user_id",
    }
)
_PUT_WRITES = frozenset({"item", "add", "setdefault"})
_REMOVE_WRITES = frozenset({"drop", "discard", "remove"})
_USER_FIRST_FUNCTIONS = frozenset(
    {"send_to_user", "connect_user", "disconnect_user", "notify_user", "for_user", "as_user"}
)
_OTHER_ID_WORDS = frozenset({"run", "thread", "request", "connection", "conn", "task", "message", "execution", "agent"})
_USER_ID_WORDS = ("user", "id")


def find_cleanup_keys(module: ParsedModule) -> Iterator[RuleHit]:
    writes_by_container: dict[tuple[ast.AST | None, str], list[Write]] = {}
    for write in module.writes:
        name = to_dotted_name(write.target)
        if name and write.key is not None and module.find_enclosing_named_function(write.node) is not None:
            writes_by_container.setdefault((module.find_enclosing_class(write.node), name), []).append(write)
    for (_, name), writes in writes_by_container.items():
        put_ids = [ids for each in writes if each.how in _PUT_WRITES for ids in [_list_ids_in_key(module, each)]]
        if not put_ids or frozenset() in put_ids or (not name.startswith("self.") and not _is_shared(module, writes)):
            continue
        removals = [(each, _list_ids_in_key(module, each)) for each in writes if each.how in _REMOVE_WRITES]
        if any(ids in put_ids for _, ids in removals):
            continue
        for each, ids in removals:
            if ids:
                yield _build_cleanup_hit(each, name, put_ids[0], ids)


def _is_shared(module: ParsedModule, writes: list[Write]) -> bool:
    return all(isinstance(each.target, ast.Name) and module.is_global(each.target) for each in writes)


def _list_ids_in_key(module: ParsedModule, write: Write) -> frozenset[str]:
    """Return the ids that a key consists of; empty if that is unknown."""
    function = module.find_enclosing_named_function(write.node)
    if function is None or write.key is None:
        return frozenset()
    if set(list_identifiers(write.key)) & _find_loop_variables(function):
        return frozenset()
    parts = expand_key(write.key, function)
    if len(parts) > 1 and isinstance(write.key, ast.Name) and not _to_id_kind(write.key):
        parts = parts[1:]
    elif isinstance(write.key, ast.Name):
        parts = parts[:1]
    found = [_to_id_kind(each) for part in parts for each in _find_names(part)]
    return frozenset() if "" in found else frozenset(found)


def _find_loop_variables(function: NamedFunction) -> set[str]:
    """Return loop variables: keys that come from the container itself."""
    loops = (each for each in ast.walk(function) if isinstance(each, ast.For | ast.AsyncFor | ast.comprehension))
    return {name.id for each in loops for name in ast.walk(each.target) if isinstance(name, ast.Name)}


def _find_names(expr: ast.expr) -> Iterator[ast.Name | ast.Attribute]:
    """Yield the names in a key, each with its attributes."""
    if isinstance(expr, ast.Attribute | ast.Name):
        yield expr
        return
    skipped = expr.func if isinstance(expr, ast.Call) else None
    for child in ast.iter_child_nodes(expr):
        if child is not skipped and isinstance(child, ast.expr):
            yield from _find_names(child)


def _to_id_kind(name: ast.expr) -> str:
    """Return `user_id` for `user_id`, `self.user_id`, `context.user_id` and `user.id`; "" for other names."""
    found = split_words(get_last_identifier(name))
    if len(found) >= 2 and found[-1] == "id":
        return _ID_KINDS.get(found[-2], "")
    if (
        found == ("id",)
        and isinstance(name, ast.Attribute)
        and get_last_identifier(name.value) not in {"", "self", "cls"}
    ):
        return _ID_KINDS.get(split_words(get_last_identifier(name.value))[-1], "")
    return ""


def _build_cleanup_hit(write: Write, name: str, put_ids: frozenset[str], removed_ids: frozenset[str]) -> RuleHit:
    return RuleHit(
        node=write.node,
        message=f"{name} is filled by {_format_ids(put_ids)}, but cleaned up by {_format_ids(removed_ids)}.",
        confidence=Confidence.LOW if len(put_ids) == len(removed_ids) else Confidence.MEDIUM,
    )


def _format_ids(ids: frozenset[str]) -> str:
    return " and ".join(sorted(ids))


CLEANUP_KEY = IsolationRule(
    id="cleanup-key",
    title="Entry removed under another key",
    why="The entry is never removed: the user runs out of slots and is locked out, and its data outlives the sign-out.",
    remedy="Build the key in one place, or return it when the entry is created; better, release the slot "
    "with a with-block.",
    severity=Severity.ERROR,
    find=find_cleanup_keys,
)


def find_other_ids(module: ParsedModule) -> Iterator[RuleHit]:
    for node, value in _find_user_id_values(module):
        wrong = _find_other_id(value)
        if wrong:
            yield RuleHit(node=node, message=f"{wrong} is used as a user id.", confidence=Confidence.HIGH)


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


RUN_ID_AS_USER_ID = IsolationRule(
    id="run-id-as-user-id",
    title="Another id used as a user id",
    why="Events and rows go to nobody, or to the owner of that id, and their owner can no longer be checked.",
    remedy="Take user_id from the context, and give each kind of id its own type, so that they can't be mixed up.",
    severity=Severity.ERROR,
    find=find_other_ids,
)
