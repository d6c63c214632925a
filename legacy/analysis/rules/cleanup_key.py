"""Containers that are filled under one key and cleaned up under another."""

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


def find(module: ParsedModule) -> Iterator[RuleHit]:
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
                yield _build_hit(each, name, put_ids[0], ids)


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


def _build_hit(write: Write, name: str, put_ids: frozenset[str], removed_ids: frozenset[str]) -> RuleHit:
    return RuleHit(
        node=write.node,
        message=f"{name} is filled under {_format_ids(put_ids)}, but cleaned up under {_format_ids(removed_ids)}.",
        confidence=Confidence.LOW if len(put_ids) == len(removed_ids) else Confidence.MEDIUM,
    )


def _format_ids(ids: frozenset[str]) -> str:
    return " and ".join(sorted(ids))


RULE = IsolationRule(
    id="cleanup-key",
    title="Cleaned up under another key than filled",
    why="The entry stays: its user's slots fill up until they are locked out, and what it holds outlives the sign-out.",
    remedy="Make the key in one place, or return it when the entry is made; better, let a with-block "
    "give the slot back.",
    severity=Severity.ERROR,
    find=find,
)
