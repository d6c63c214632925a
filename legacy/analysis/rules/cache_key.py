"""Caches filled by a function that knows the user, under a key without the user."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import has_user_identifier, split_words, to_dotted_name
from legacy.analysis.lifetimes import rate_long_lived
from legacy.analysis.parsing import NamedFunction, ParsedModule, Write
from legacy.analysis.scopes import find_bindings
from legacy.analysis.user_references import (
    expand_key,
    has_state_parameter,
    has_user_parameter,
    is_secret_key,
    is_unique_id_key,
    is_user_key,
)

_CACHE_WORDS = frozenset({"cache", "caches", "cached", "memo", "memoized", "lru", "ttl"})
_STORE_WORDS = _CACHE_WORDS | {"redis"}
_PUT_METHODS = frozenset({"set", "setex", "hset", "psetex", "aset", "add", "put", "store"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    top = frozenset(each.name for each in find_bindings(module.tree.body))
    for write in module.writes:
        if write.key is None or write.how not in {"item", "setdefault"} or isinstance(write.value, ast.Constant):
            continue
        if _is_shared_cache_write(module, write, top):
            yield from _check_key(module, write.node, to_dotted_name(write.target), write.key)
    for call in module.iter_nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _PUT_METHODS and len(call.args) >= 2:
            if isinstance(call.args[1], ast.Constant):
                continue  # a lock or a flag, no user's data
            holder = to_dotted_name(call.func.value)
            if _STORE_WORDS & set(split_words(holder.rpartition(".")[2])):
                yield from _check_key(module, call, holder, call.args[0])


def _is_shared_cache_write(module: ParsedModule, write: Write, top: frozenset[str]) -> bool:
    if not _CACHE_WORDS & set(split_words(to_dotted_name(write.target).rpartition(".")[2])):
        return False
    if isinstance(write.target, ast.Name):
        return write.target.id in top and module.is_global(write.target)
    return isinstance(write.target, ast.Attribute)


def _check_key(module: ParsedModule, node: ast.expr | ast.stmt, cache: str, key: ast.expr) -> Iterator[RuleHit]:
    function = module.find_enclosing_named_function(node)
    if (
        function is None
        or is_user_key(key, function)
        or is_secret_key(key, function)
        or _is_user_store(module, cache, function)
    ):
        return
    if has_user_parameter(function):
        confidence = Confidence.LOW if is_unique_id_key(key, function) else Confidence.HIGH
    elif has_state_parameter(function) and _is_in_long_lived_class(module, node):
        confidence = Confidence.MEDIUM
    else:
        return
    yield RuleHit(
        node=node,
        message=f"{function.name}() knows whose data this is, but puts it into {cache} under a key without the user.",
        confidence=confidence,
    )


def _is_user_store(module: ParsedModule, cache: str, function: NamedFunction) -> bool:
    """Whether the store itself was opened for the user: `store = store_of(user_id)`."""
    if "." in cache or not cache:
        return False
    return any(has_user_identifier(each) for each in expand_key(ast.Name(cache), function)[1:])


def _is_in_long_lived_class(module: ParsedModule, node: ast.AST) -> bool:
    klass = module.find_enclosing_class(node)
    return klass is not None and rate_long_lived(module, klass) is not None


RULE = IsolationRule(
    id="cache-key",
    title="A cache whose key does not say whose entry it is",
    why="Two users who ask the same get the same entry, so the second is answered with the first one's data.",
    remedy="Put the owner's id first in the key, or keep the cache in an object of one run.",
    severity=Severity.ERROR,
    find=find,
)
