"""Context variables that say who somebody is, or what they may."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import AUTHORITY, last, speaks_of, words

_KIND = frozenset({"var", "contextvar", "ctx", "context"})
_REACH = frozenset(
    {
        "session",
        "request",
        "context",
        "ctx",
        "state",
        "websocket",
        "connection",
        "emitter",
        "db",
        "database",
        "execution",
    }
)
_LOGGING = frozenset({"log", "logs", "logging", "correlation", "trace", "span", "telemetry"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        if module.origin(call.func) not in {"contextvars.ContextVar", "ContextVar"}:
            continue
        name = _name(module, call)
        found = _without_kind(name)
        if _LOGGING & set(found) or found[-2:] == ("request", "id"):
            continue
        if speaks_of(name, AUTHORITY - {"role", "roles"}):
            yield _hit(call, name, Confidence.HIGH)
        elif found[-1:] and found[-1] in _REACH:
            yield _hit(call, name, Confidence.MEDIUM)


def _without_kind(name: str) -> tuple[str, ...]:
    """`request` of `request_var` and of `request_context`."""
    found = words(name)
    while len(found) > 1 and found[-1] in _KIND:
        found = found[:-1]
    return found


def _name(module: Module, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    said = last(target) if isinstance(target, ast.AST) else ""
    if said:
        return said
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def _hit(call: ast.Call, name: str, confidence: Confidence) -> Hit:
    return Hit(node=call, message=f"The context variable {name} carries whose turn it is.", confidence=confidence)


RULE = Rule(
    id="context-variable",
    title="Identity or authority in a context variable",
    why="Context variables leak between tasks and pooled threads: a task goes on with the user of whoever started it.",
    mend="Hand the context down as an argument; leave context variables to ids in logs.",
    severity=Severity.ERROR,
    find=find,
)
