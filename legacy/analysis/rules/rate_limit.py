"""Rate limiters that are created for each request."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, split_words
from legacy.analysis.parsing import NamedFunction, ParsedModule
from legacy.analysis.scopes import list_methods

_LIMITER_WORDS = frozenset({"limiter", "throttle", "throttler", "ratelimiter", "bucket", "ratelimit"})
_CHECK_METHODS = frozenset(
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
_SETUP_WORDS = frozenset(
    {"make", "create", "build", "main", "setup", "configure", "test", "init", "lifespan", "startup"}
)


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        name = get_last_identifier(call.func)
        if not name[:1].isupper() or split_words(name)[-1:] == () or not _is_limiter(name):
            continue
        function = module.find_enclosing_named_function(call)
        if function is not None and _is_recreated(module, call, function):
            yield RuleHit(
                node=call,
                message=f"{name} is created and checked in {function.name}(), so it always starts at zero.",
                confidence=Confidence.HIGH,
            )


def _is_limiter(name: str) -> bool:
    found = split_words(name)
    return found[-1] in _LIMITER_WORDS and (found[-1] != "bucket" or "token" in found or "leaky" in found)


def _is_recreated(module: ParsedModule, call: ast.Call, function: NamedFunction) -> bool:
    if _SETUP_WORDS & set(split_words(function.name)):
        return _is_per_connection(module, call, function)
    parent = module.parents.get(call)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _CHECK_METHODS
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return False
    return _is_checked(module, parent.targets[0].id, function)


def _is_checked(module: ParsedModule, name: str, function: NamedFunction) -> bool:
    for each in ast.walk(function):
        if isinstance(each, ast.Attribute) and get_last_identifier(each.value) == name and each.attr in _CHECK_METHODS:
            loops = (ast.For, ast.AsyncFor, ast.While, ast.ListComp)
            return not any(isinstance(around, loops) for around in module.iter_ancestors(each))
    return False


def _is_per_connection(module: ParsedModule, call: ast.Call, function: NamedFunction) -> bool:
    """A consumer belongs to one connection: a new connection starts with a new count."""
    klass = module.find_enclosing_class(call)
    if klass is None or function.name != "__init__" or function not in list(list_methods(klass)):
        return False
    return any(split_words(get_last_identifier(base))[-1:] == ("consumer",) for base in klass.bases)


RULE = IsolationRule(
    id="rate-limit-per-request",
    title="Rate limiter created per request",
    why="It never refuses anyone, so one user can use up the capacity that others need.",
    remedy="Count per user in a store that outlives the request, and check and increment in one step.",
    severity=Severity.ERROR,
    find=find,
)
