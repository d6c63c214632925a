"""Contexts and states of a request that are kept on long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import last, words
from legacy.analysis.stored import Stored, stored

_LAST = frozenset({"context", "ctx", "state", "request", "websocket", "emitter"})
_WHOSE = frozenset(
    {"user", "execution", "request", "agent", "run", "current", "chat", "thread", "session", "conversation"}
)
_ROLES = frozenset({"agent", "supervisor", "orchestrator", "dispatcher"})


def find(module: Module) -> Iterator[Hit]:
    for each in stored(module):
        if not _is_whose(each.attribute):
            continue
        confidence = _confidence(each)
        if confidence is not None:
            yield Hit(
                node=each.node,
                message=f"{each.klass.name} outlives a request and keeps its {each.attribute} in {each.method.name}().",
                confidence=confidence,
            )


def _is_whose(attribute: str) -> bool:
    found = words(attribute)
    if not found or found[-1] not in _LAST:
        return False
    return len(found) == 1 or found[-2] in _WHOSE


def _confidence(each: Stored) -> Confidence | None:
    if each.required and each.lifetime is not Confidence.HIGH:
        return None
    found = words(each.attribute)
    if isinstance(each.value, ast.Constant):
        return None
    if isinstance(each.value, ast.Name) and set(words(each.value.id)) & (_LAST | _WHOSE):
        if each.lifetime is not Confidence.HIGH and not _is_agent(each):
            return Confidence.LOW
        return Confidence.HIGH if not each.at_birth else Confidence.MEDIUM
    empty = isinstance(each.value, ast.Dict) or (isinstance(each.value, ast.Call) and last(each.value.func) == "dict")
    if empty and found[-1] in {"context", "state"} and _is_agent(each):
        return Confidence.MEDIUM
    return None


def _is_agent(each: Stored) -> bool:
    names = [each.klass.name, *(last(base) for base in each.klass.bases)]
    return any(_ROLES & set(words(name)) for name in names)


RULE = Rule(
    id="stored-context",
    title="A request's context or state kept on a long-lived object",
    why="Two requests at once overwrite each other's: the object then works with the context of another user.",
    mend="Make the object for one context (required in its constructor and frozen), or pass the context to each call.",
    severity=Severity.ERROR,
    find=find,
)
