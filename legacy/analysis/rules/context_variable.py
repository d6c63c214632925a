"""Context variables that hold an identity or a permission."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import AUTHORITY_WORDS, get_last_identifier, has_word_from, split_words
from legacy.analysis.parsing import ParsedModule

_TYPE_SUFFIXES = frozenset({"var", "contextvar", "ctx", "context"})
_ACCESS_WORDS = frozenset(
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
_LOGGING_WORDS = frozenset({"log", "logs", "logging", "correlation", "trace", "span", "telemetry"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        if module.resolve_import(call.func) not in {"contextvars.ContextVar", "ContextVar"}:
            continue
        name = _find_variable_name(module, call)
        found = _strip_type_suffix(name)
        if _LOGGING_WORDS & set(found) or found[-2:] == ("request", "id"):
            continue
        if has_word_from(name, AUTHORITY_WORDS - {"role", "roles"}):
            yield _build_hit(call, name, Confidence.HIGH)
        elif found[-1:] and found[-1] in _ACCESS_WORDS:
            yield _build_hit(call, name, Confidence.MEDIUM)


def _strip_type_suffix(name: str) -> tuple[str, ...]:
    """Return `request` for `request_var` and `request_context`."""
    found = split_words(name)
    while len(found) > 1 and found[-1] in _TYPE_SUFFIXES:
        found = found[:-1]
    return found


def _find_variable_name(module: ParsedModule, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    name = get_last_identifier(target) if isinstance(target, ast.AST) else ""
    if name:
        return name
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def _build_hit(call: ast.Call, name: str, confidence: Confidence) -> RuleHit:
    return RuleHit(node=call, message=f"The context variable {name} carries whose turn it is.", confidence=confidence)


RULE = IsolationRule(
    id="context-variable",
    title="Identity or authority in a context variable",
    why="Context variables leak between tasks and pooled threads: a task goes on with the user of whoever started it.",
    remedy="Hand the context down as an argument; leave context variables to ids in logs.",
    severity=Severity.ERROR,
    find=find,
)
