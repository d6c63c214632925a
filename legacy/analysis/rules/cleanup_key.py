"""Containers that are filled under one key and cleaned up under another."""

import ast
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.keys import spelled_out
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import dotted, last, mentioned, words
from legacy.analysis.writes import Write

# Ids that are never the same thing under two names.
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **{
            kind: f"{kind}_id"
            for kind in ("user", "run", "thread", "request", "connection", "session", "task", "tenant")
        },
        "conn": "connection_id",
        "owner": "user_id",
    }
)
_PUTTING = frozenset({"item", "add", "setdefault"})
_DROPPING = frozenset({"drop", "discard", "remove"})


def find(module: Module) -> Iterator[Hit]:
    places: dict[tuple[ast.AST | None, str], list[Write]] = {}
    for write in module.writes:
        name = dotted(write.target)
        if name and write.key is not None and module.named_function(write.node) is not None:
            places.setdefault((module.klass(write.node), name), []).append(write)
    for (_, name), its in places.items():
        put = [ids for each in its if each.how in _PUTTING for ids in [_ids(module, each)]]
        if not put or frozenset() in put or (not name.startswith("self.") and not _is_shared(module, its)):
            continue
        dropped = [(each, _ids(module, each)) for each in its if each.how in _DROPPING]
        if any(ids in put for _, ids in dropped):
            continue
        for each, ids in dropped:
            if ids:
                yield _hit(each, name, put[0], ids)


def _is_shared(module: Module, its: list[Write]) -> bool:
    return all(isinstance(each.target, ast.Name) and module.is_global(each.target) for each in its)


def _ids(module: Module, write: Write) -> frozenset[str]:
    """Which ids a key is made of; nothing where that cannot be told."""
    function = module.named_function(write.node)
    if function is None or write.key is None:
        return frozenset()
    if set(mentioned(write.key)) & _looped_over(function):
        return frozenset()
    parts = spelled_out(write.key, function)
    if len(parts) > 1 and isinstance(write.key, ast.Name) and not _id(write.key):
        parts = parts[1:]
    elif isinstance(write.key, ast.Name):
        parts = parts[:1]
    found = [_id(each) for part in parts for each in _names(part)]
    return frozenset() if "" in found else frozenset(found)


def _looped_over(function: NamedFunction) -> set[str]:
    """Names that take one value after the other: keys that were asked of the container itself."""
    loops = (each for each in ast.walk(function) if isinstance(each, ast.For | ast.AsyncFor | ast.comprehension))
    return {name.id for each in loops for name in ast.walk(each.target) if isinstance(name, ast.Name)}


def _names(expr: ast.expr) -> Iterator[ast.Name | ast.Attribute]:
    """The names that make a key, each with its attributes as one."""
    if isinstance(expr, ast.Attribute | ast.Name):
        yield expr
        return
    skipped = expr.func if isinstance(expr, ast.Call) else None
    for child in ast.iter_child_nodes(expr):
        if child is not skipped and isinstance(child, ast.expr):
            yield from _names(child)


def _id(name: ast.expr) -> str:
    """`user_id` of `user_id`, `self.user_id`, `context.user_id` and `user.id`; nothing for other names."""
    found = words(last(name))
    if len(found) >= 2 and found[-1] == "id":
        return _KINDS.get(found[-2], "")
    if found == ("id",) and isinstance(name, ast.Attribute) and last(name.value) not in {"", "self", "cls"}:
        return _KINDS.get(words(last(name.value))[-1], "")
    return ""


def _hit(write: Write, name: str, put: frozenset[str], dropped: frozenset[str]) -> Hit:
    return Hit(
        node=write.node,
        message=f"{name} is filled under {_said(put)}, but cleaned up under {_said(dropped)}.",
        confidence=Confidence.LOW if len(put) == len(dropped) else Confidence.MEDIUM,
    )


def _said(ids: frozenset[str]) -> str:
    return " and ".join(sorted(ids))


RULE = Rule(
    id="cleanup-key",
    title="Cleaned up under another key than filled",
    why="The entry stays: its user's slots fill up until they are locked out, and what it holds outlives the sign-out.",
    mend="Make the key in one place, or return it when the entry is made; better, let a with-block give the slot back.",
    severity=Severity.ERROR,
    find=find,
)
