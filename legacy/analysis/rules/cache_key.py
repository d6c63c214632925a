"""Caches filled by a function that knows whose data it is, under a key that does not."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.keys import has_user, is_secret, names_thing, spelled_out, takes_state, takes_user
from legacy.analysis.lifetimes import outlives_a_request
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import dotted, mentions_user, words
from legacy.analysis.scopes import assigned
from legacy.analysis.writes import Write

_CACHES = frozenset({"cache", "caches", "cached", "memo", "memoized", "lru", "ttl"})
_STORES = _CACHES | {"redis"}
_PUTTING = frozenset({"set", "setex", "hset", "psetex", "aset", "add", "put", "store"})


def find(module: Module) -> Iterator[Hit]:
    top = frozenset(each.name for each in assigned(module.tree.body))
    for write in module.writes:
        if write.key is None or write.how not in {"item", "setdefault"} or isinstance(write.value, ast.Constant):
            continue
        if _is_kept(module, write, top):
            yield from _judged(module, write.node, dotted(write.target), write.key)
    for call in module.every(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _PUTTING and len(call.args) >= 2:
            if isinstance(call.args[1], ast.Constant):
                continue  # a lock or a mark, nobody's data
            holder = dotted(call.func.value)
            if _STORES & set(words(holder.rpartition(".")[2])):
                yield from _judged(module, call, holder, call.args[0])


def _is_kept(module: Module, write: Write, top: frozenset[str]) -> bool:
    if not _CACHES & set(words(dotted(write.target).rpartition(".")[2])):
        return False
    if isinstance(write.target, ast.Name):
        return write.target.id in top and module.is_global(write.target)
    return isinstance(write.target, ast.Attribute)


def _judged(module: Module, node: ast.expr | ast.stmt, cache: str, key: ast.expr) -> Iterator[Hit]:
    function = module.named_function(node)
    if function is None or has_user(key, function) or is_secret(key, function) or _is_theirs(module, cache, function):
        return
    if takes_user(function):
        confidence = Confidence.LOW if names_thing(key, function) else Confidence.HIGH
    elif takes_state(function) and _in_an_agent(module, node):
        confidence = Confidence.MEDIUM
    else:
        return
    yield Hit(
        node=node,
        message=f"{function.name}() knows whose data this is, but puts it into {cache} under a key without the user.",
        confidence=confidence,
    )


def _is_theirs(module: Module, cache: str, function: NamedFunction) -> bool:
    """Whether the store itself was opened for the user: `store = store_of(user_id)`."""
    if "." in cache or not cache:
        return False
    return any(mentions_user(each) for each in spelled_out(ast.Name(cache), function)[1:])


def _in_an_agent(module: Module, node: ast.AST) -> bool:
    klass = module.klass(node)
    return klass is not None and outlives_a_request(module, klass) is not None


RULE = Rule(
    id="cache-key",
    title="A cache whose key does not say whose entry it is",
    why="Two users who ask the same get the same entry, so the second is answered with the first one's data.",
    mend="Put the owner's id first in the key, or keep the cache in an object of one run.",
    severity=Severity.ERROR,
    find=find,
)
