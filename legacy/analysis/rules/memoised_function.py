"""Memoised functions whose results are shared by all users."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import (
    AUTHORITY_WORDS,
    get_last_identifier,
    has_word_from,
    is_user_name,
    list_identifiers,
    split_words,
)
from legacy.analysis.parsing import NamedFunction, ParsedModule
from legacy.analysis.scopes import list_parameters

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


def find(module: ParsedModule) -> Iterator[RuleHit]:
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
        node=function, message=f"{function.name}() is remembered for all users {message}", confidence=confidence
    )


def _describe_leak(function: NamedFunction, parameters: list[str]) -> tuple[str, Confidence] | None:
    if any(is_user_name(each) for each in parameters):
        return None
    request_parameters = [each for each in parameters if _REQUEST_WORDS & set(split_words(each)[-1:])]
    if request_parameters:
        return f"and keeps {request_parameters[0]} of whoever called.", Confidence.HIGH
    if _is_about_user(function):
        return "and no user is in its key.", Confidence.MEDIUM if parameters else Confidence.HIGH
    return None


def _is_about_user(function: NamedFunction) -> bool:
    found = set(split_words(function.name))
    if found & _PROGRAM_WORDS or found & {"is", "has", "parse", "format"}:
        return False
    if has_word_from(function.name, _PERSONAL_WORDS):
        return True
    returned = list_identifiers(function.returns) if function.returns is not None else []
    return any(get_last_identifier(ast.Name(each)) in {"User", "UserContext", "UserProfile"} for each in returned)


RULE = IsolationRule(
    id="memoised-function",
    title="A remembered result without its user in the key",
    why="Everybody is answered with what was computed for the first caller, and its arguments are kept alive.",
    remedy="Compute it in the run, keep it in an object of the run, or cache by the owner's id "
    "in a store that forgets.",
    severity=Severity.ERROR,
    find=find,
)
