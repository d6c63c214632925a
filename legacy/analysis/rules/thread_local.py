"""Thread-locals that say who somebody is, or hold what is theirs."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import AUTHORITY, dotted, last, speaks_of, words

_MAKERS = frozenset(
    {"threading.local", "asgiref.local.Local", "werkzeug.local.Local", "gevent.local.local", "local.Local"}
)
_REACH = frozenset({"session", "request", "websocket", "db"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        if module.origin(call.func) in _MAKERS:
            yield from _judged(module, call, _holder(module, call))
    for klass in module.every(ast.ClassDef):
        if any(module.origin(base) in _MAKERS for base in klass.bases):
            yield from _judged(module, klass, klass.name)


def _judged(module: Module, node: ast.expr | ast.stmt, name: str) -> Iterator[Hit]:
    short = name.rpartition(".")[2]
    kept = sorted({short, *_attributes(module, node, name)})
    whose = next((each for each in kept if speaks_of(each, AUTHORITY)), None)
    reach = next(
        (each for each in kept if _REACH & set(words(each)) and (each != short or words(each)[-1] == "request")), None
    )
    if whose or reach:
        yield Hit(
            node=node,
            message=f"The thread-local {name or 'here'} holds {whose or reach}.",
            confidence=Confidence.HIGH if whose else Confidence.LOW,
            severity=None if whose else Severity.WARNING,
        )


def _attributes(module: Module, node: ast.AST, name: str) -> set[str]:
    """What is set on it, here."""
    if isinstance(node, ast.ClassDef):
        inside = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
        return {each.attr for each in inside if isinstance(each.ctx, ast.Store)}
    short = name.rpartition(".")[2]
    return {
        write.target.attr
        for write in module.writes
        if isinstance(write.target, ast.Attribute) and short and dotted(write.target.value).rpartition(".")[2] == short
    }


def _holder(module: Module, call: ast.Call) -> str:
    parent = module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    return (dotted(target) or last(target)) if isinstance(target, ast.AST) else ""


RULE = Rule(
    id="thread-local",
    title="Identity or authority in a thread-local",
    why="Threads are reused and tasks of many users share one: a thread-local shows the previous user's value.",
    mend="Hand the context down as an argument.",
    severity=Severity.ERROR,
    find=find,
)
