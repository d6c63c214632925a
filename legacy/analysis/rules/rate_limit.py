"""Rate limits that begin anew with each request."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import last, words
from legacy.analysis.scopes import methods

_LIMITERS = frozenset({"limiter", "throttle", "throttler", "ratelimiter", "bucket", "ratelimit"})
_ASKING = frozenset(
    [
        "allow",
        "allowed",
        "is_allowed",
        "check",
        "check_limit",
        "check_rate_limit",
        "acquire",
        "try_acquire",
        "hit",
        "consume",
        "take",
        "request",
        "allow_request",
        "limit",
        "test",
        "try_consume",
    ]
)
_MAKING = frozenset({"make", "create", "build", "main", "setup", "configure", "test", "init", "lifespan", "startup"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        name = last(call.func)
        if not name[:1].isupper() or words(name)[-1:] == () or not _is_limiter(name):
            continue
        function = module.named_function(call)
        if function is not None and _begins_anew(module, call, function):
            yield Hit(
                node=call,
                message=f"{name} is made in {function.name}() and asked there, so it has always just begun.",
                confidence=Confidence.HIGH,
            )


def _is_limiter(name: str) -> bool:
    found = words(name)
    return found[-1] in _LIMITERS and (found[-1] != "bucket" or "token" in found or "leaky" in found)


def _begins_anew(module: Module, call: ast.Call, function: NamedFunction) -> bool:
    if _MAKING & set(words(function.name)):
        return _is_of_a_connection(module, call, function)
    parent = module.parents.get(call)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _ASKING
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return False
    return _is_asked(module, parent.targets[0].id, function)


def _is_asked(module: Module, name: str, function: NamedFunction) -> bool:
    for each in ast.walk(function):
        if isinstance(each, ast.Attribute) and last(each.value) == name and each.attr in _ASKING:
            loops = (ast.For, ast.AsyncFor, ast.While, ast.ListComp)
            return not any(isinstance(around, loops) for around in module.above(each))
    return False


def _is_of_a_connection(module: Module, call: ast.Call, function: NamedFunction) -> bool:
    """A consumer is made for one connection: whoever connects again begins again."""
    klass = module.klass(call)
    if klass is None or function.name != "__init__" or function not in list(methods(klass)):
        return False
    return any(words(last(base))[-1:] == ("consumer",) for base in klass.bases)


RULE = Rule(
    id="rate-limit-per-request",
    title="A rate limit that begins anew each time",
    why="It never refuses anybody, so one user can take the capacity that the others need.",
    mend="Count per user in a store that outlives the request, and take the count in one step with the check.",
    severity=Severity.ERROR,
    find=find,
)
