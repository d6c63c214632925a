"""Thread-locals that hold an identity or a user's data."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import AUTHORITY_WORDS, get_last_identifier, has_word_from, split_words, to_dotted_name
from legacy.analysis.parsing import ParsedModule

_THREAD_LOCAL_TYPES = frozenset(
    {"threading.local", "asgiref.local.Local", "werkzeug.local.Local", "gevent.local.local", "local.Local"}
)
_ACCESS_WORDS = frozenset({"session", "request", "websocket", "db"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        if module.resolve_import(call.func) in _THREAD_LOCAL_TYPES:
            yield from _check_thread_local(module, call, _get_variable_name(module, call))
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
            if _ACCESS_WORDS & set(split_words(each)) and (each != short or split_words(each)[-1] == "request")
        ),
        None,
    )
    if identity or access:
        yield RuleHit(
            node=node,
            message=f"The thread-local {name or 'here'} holds {identity or access}.",
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


def _get_variable_name(module: ParsedModule, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    return (to_dotted_name(target) or get_last_identifier(target)) if isinstance(target, ast.AST) else ""


RULE = IsolationRule(
    id="thread-local",
    title="Identity or authority in a thread-local",
    why="Threads are reused and tasks of many users share one: a thread-local shows the previous user's value.",
    remedy="Hand the context down as an argument.",
    severity=Severity.ERROR,
    find=find,
)
