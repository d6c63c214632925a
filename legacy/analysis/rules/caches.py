"""Caches and memoised functions that give one user's result to another."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import (
    AUTHORITY_WORDS,
    get_last_identifier,
    has_user_identifier,
    has_word_from,
    is_user_name,
    list_identifiers,
    split_words,
    to_dotted_name,
)
from legacy.analysis.lifetimes import rate_long_lived
from legacy.analysis.parsing import NamedFunction, ParsedModule, Write
from legacy.analysis.scopes import find_bindings, list_parameters
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
_MEMOISING_DECORATORS = frozenset(
    [
        "functools.lru_cache",
        "functools.cache",
        "async_lru.alru_cache",
        "cachetools.cached",
        "cachetools.func.lru_cache",
        "cachetools.func.ttl_cache",
        "aiocache.cached",
        "methodtools.lru_cache",
        "cachetools.cachedmethod",
        "diskcache.memoize",
        "joblib.Memory.cache",
        "streamlit.cache_data",
        "streamlit.cache_resource",
    ]
)
_REQUEST_WORDS = frozenset(
    {"state", "context", "ctx", "session", "request", "websocket", "connection", "conversation", "thread"}
)
_PERSONAL_WORDS = AUTHORITY_WORDS | frozenset(
    {"session", "history", "conversation", "chat", "memory", "profile", "preferences", "context", "thread", "messages"}
)
_PROGRAM_WORDS = frozenset(
    {"ssl", "http", "boto", "requests", "decimal", "factory", "maker", "class", "config", "settings"}
)


def find_cache_keys(module: ParsedModule) -> Iterator[RuleHit]:
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
        message=f"{function.name}() knows the user, but stores this in {cache} under a key without the user.",
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


CACHE_KEY = IsolationRule(
    id="cache-key",
    title="Cache key without the user",
    why="Two users who ask the same question share an entry, so the second one gets the first one's data.",
    remedy="Put the owner's id first in the key, or keep the cache in an object that lives for one run.",
    severity=Severity.ERROR,
    find=find_cache_keys,
)


def find_memoised_functions(module: ParsedModule) -> Iterator[RuleHit]:
    for function in module.iter_functions():
        if any(_is_memoising_decorator(module, each) for each in function.decorator_list):
            yield from _check_function(function)


def _is_memoising_decorator(module: ParsedModule, decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return module.resolve_import(called) in _MEMOISING_DECORATORS


def _check_function(function: NamedFunction) -> Iterator[RuleHit]:
    parameters = [each.arg for each in list_parameters(function) if each.arg not in {"self", "cls"}]
    leak = _describe_leak(function, parameters)
    if leak is None:
        return
    message, confidence = leak
    yield RuleHit(
        node=function, message=f"{function.name}() is memoised for all users {message}", confidence=confidence
    )


def _describe_leak(function: NamedFunction, parameters: list[str]) -> tuple[str, Confidence] | None:
    if any(is_user_name(each) for each in parameters):
        return None
    request_parameters = [each for each in parameters if _REQUEST_WORDS & set(split_words(each)[-1:])]
    if request_parameters:
        return f"and keeps the {request_parameters[0]} of its caller.", Confidence.HIGH
    if _is_about_user(function):
        return "without the user in its key.", Confidence.MEDIUM if parameters else Confidence.HIGH
    return None


def _is_about_user(function: NamedFunction) -> bool:
    found = set(split_words(function.name))
    if found & _PROGRAM_WORDS or found & {"is", "has", "parse", "format"}:
        return False
    if has_word_from(function.name, _PERSONAL_WORDS):
        return True
    returned = list_identifiers(function.returns) if function.returns is not None else []
    return any(get_last_identifier(ast.Name(each)) in {"User", "UserContext", "UserProfile"} for each in returned)


MEMOISED_FUNCTION = IsolationRule(
    id="memoised-function",
    title="Memoised result without the user in the key",
    why="Every caller gets the result computed for the first one, and the first one's arguments stay in memory.",
    remedy="Compute it in the run, keep it in an object of the run, or cache it by the owner's id "
    "in a store with an expiry.",
    severity=Severity.ERROR,
    find=find_memoised_functions,
)
