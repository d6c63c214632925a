"""Context variables and thread-locals that hold an identity, a permission or a user's data."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import AUTHORITY_WORDS, get_last_identifier, has_word_from, split_words, to_dotted_name
from legacy.analysis.parsing import ParsedModule

_TYPE_SUFFIXES = frozenset({"var", "contextvar", "ctx", "context"})
_CONTEXT_WORDS = frozenset(
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
_THREAD_LOCAL_TYPES = frozenset(
    {"threading.local", "asgiref.local.Local", "werkzeug.local.Local", "gevent.local.local", "local.Local"}
)
_CONNECTION_WORDS = frozenset({"session", "request", "websocket", "db"})


def find_context_variables(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        if module.resolve_import(call.func) not in {"contextvars.ContextVar", "ContextVar"}:
            continue
        name = _find_context_variable_name(module, call)
        found = _strip_type_suffix(name)
        if _LOGGING_WORDS & set(found) or found[-2:] == ("request", "id"):
            continue
        if has_word_from(name, AUTHORITY_WORDS - {"role", "roles"}):
            yield _build_hit(call, name, Confidence.HIGH)
        elif found[-1:] and found[-1] in _CONTEXT_WORDS:
            yield _build_hit(call, name, Confidence.MEDIUM)


def _strip_type_suffix(name: str) -> tuple[str, ...]:
    """Return `request` for `request_var` and `request_context`."""
    found = split_words(name)
    while len(found) > 1 and found[-1] in _TYPE_SUFFIXES:
        found = found[:-1]
    return found


def _find_context_variable_name(module: ParsedModule, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    name = get_last_identifier(target) if isinstance(target, ast.AST) else ""
    if name:
        return name
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def _build_hit(call: ast.Call, name: str, confidence: Confidence) -> RuleHit:
    return RuleHit(node=call, message=f"The context variable {name} holds an identity.", confidence=confidence)


CONTEXT_VARIABLE = IsolationRule(
    id="context-variable",
    title="Identity or permissions in a context variable",
    why="Context variables leak between tasks and pooled threads: a task continues with the user who started it.",
    remedy="Pass the context as an argument; use context variables only for ids in logs.",
    severity=Severity.ERROR,
    find=find_context_variables,
)


def find_thread_locals(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        if module.resolve_import(call.func) in _THREAD_LOCAL_TYPES:
            yield from _check_thread_local(module, call, _get_thread_local_name(module, call))
    for klass in module.iter_nodes(ast.ClassDef):
        if any(module.resolve_import(base) in _THREAD_LOCAL_TYPES for base in klass.bases):
            yield from _check_thread_local(module, klass, klass.name)


def _check_thread_local(module: ParsedModule, node: ast.expr | ast.stmt, name: str) -> Iterator[RuleHit]:
    short = name.rpartition(".")[2]
    names = sorted({short, *_find_attributes(module, node, name)})
    identity = next((each for each in names if has_word_from(each, AUTHORITY_WORDS)), None)
    access = next(
        (
            each
            for each in names
            if _CONNECTION_WORDS & set(split_words(each)) and (each != short or split_words(each)[-1] == "request")
        ),
        None,
    )
    if identity or access:
        yield RuleHit(
            node=node,
            message=f"{f'The thread-local {name}' if name else 'This thread-local'} holds {identity or access}.",
            confidence=Confidence.HIGH if identity else Confidence.LOW,
            severity=None if identity else Severity.WARNING,
        )


def _find_attributes(module: ParsedModule, node: ast.AST, name: str) -> set[str]:
    """Return the attributes that this file sets on it."""
    if isinstance(node, ast.ClassDef):
        inside = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
        return {each.attr for each in inside if isinstance(each.ctx, ast.Store)}
    short = name.rpartition(".")[2]
    return {
        write.target.attr
        for write in module.writes
        if isinstance(write.target, ast.Attribute)
        and short
        and to_dotted_name(write.target.value).rpartition(".")[2] == short
    }


def _get_thread_local_name(module: ParsedModule, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    return (to_dotted_name(target) or get_last_identifier(target)) if isinstance(target, ast.AST) else ""


THREAD_LOCAL = IsolationRule(
    id="thread-local",
    title="Identity or permissions in a thread-local",
    why="Threads are reused, and tasks of many users share one: a thread-local shows the previous user's value.",
    remedy="Pass the context as an argument.",
    severity=Severity.ERROR,
    find=find_thread_locals,
)
