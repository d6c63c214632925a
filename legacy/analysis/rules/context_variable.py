"""Context variables that say who somebody is, or what they may."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import AUTHORITY, last, speaks_of, words

_REACH = frozenset(
    [
        "session",
        "sessions",
        "request",
        "context",
        "ctx",
        "state",
        "websocket",
        "connection",
        "emitter",
        "db",
        "database",
        "thread",
        "workspace",
        "org",
    ]
)
_LOGGING = frozenset({"log", "logs", "logging", "correlation", "trace", "span", "telemetry"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        if module.origin(call.func) not in {"contextvars.ContextVar", "ContextVar"}:
            continue
        name = _name(module, call)
        found = set(words(name))
        if found & _LOGGING or words(name)[-2:] == ("request", "id"):
            continue
        if speaks_of(name, AUTHORITY):
            yield _hit(call, name, Confidence.HIGH)
        elif found & _REACH:
            yield _hit(call, name, Confidence.MEDIUM)


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
