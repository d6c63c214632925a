"""Functions whose results are remembered for everybody."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import AUTHORITY, last, mentioned, names_user, speaks_of, words
from legacy.analysis.scopes import parameters

_MEMOISING = frozenset(
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
_LIVING = frozenset(
    {"state", "context", "ctx", "session", "request", "websocket", "connection", "conversation", "thread"}
)
_ABOUT = AUTHORITY | frozenset(
    {"session", "history", "conversation", "chat", "memory", "profile", "preferences", "context", "thread", "messages"}
)
_NOT_ONE = frozenset({"ssl", "http", "boto", "requests", "decimal", "factory", "maker", "class", "config", "settings"})


def find(module: Module) -> Iterator[Hit]:
    for function in module.functions():
        if any(_memoises(module, each) for each in function.decorator_list):
            yield from _judged(function)


def _memoises(module: Module, decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return module.origin(called) in _MEMOISING


def _judged(function: NamedFunction) -> Iterator[Hit]:
    taken = [each.arg for each in parameters(function) if each.arg not in {"self", "cls"}]
    said = _leak(function, taken)
    if said is None:
        return
    message, confidence = said
    yield Hit(node=function, message=f"{function.name}() is remembered for all users {message}", confidence=confidence)


def _leak(function: NamedFunction, taken: list[str]) -> tuple[str, Confidence] | None:
    if any(names_user(each) for each in taken):
        return None
    living = [each for each in taken if _LIVING & set(words(each)[-1:])]
    if living:
        return f"and keeps {living[0]} of whoever called.", Confidence.HIGH
    if _is_about_a_person(function):
        return "and no user is in its key.", Confidence.MEDIUM if taken else Confidence.HIGH
    return None


def _is_about_a_person(function: NamedFunction) -> bool:
    found = set(words(function.name))
    if found & _NOT_ONE or found & {"is", "has", "parse", "format"}:
        return False
    if speaks_of(function.name, _ABOUT):
        return True
    returned = mentioned(function.returns) if function.returns is not None else []
    return any(last(ast.Name(each)) in {"User", "UserContext", "UserProfile"} for each in returned)


RULE = Rule(
    id="memoised-function",
    title="A remembered result without its user in the key",
    why="Everybody is answered with what was computed for the first caller, and its arguments are kept alive.",
    mend="Compute it in the run, keep it in an object of the run, or cache by the owner's id in a store that forgets.",
    severity=Severity.ERROR,
    find=find,
)
