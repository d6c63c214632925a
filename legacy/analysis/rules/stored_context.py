"""Request contexts and states stored on long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, split_words
from legacy.analysis.lifetimes import StoredAttribute, find_stored_attributes
from legacy.analysis.parsing import ParsedModule

_CONTEXT_WORDS = frozenset({"context", "ctx", "state", "request", "websocket", "emitter"})
_OWNER_WORDS = frozenset(
    {"user", "execution", "request", "agent", "run", "current", "chat", "thread", "session", "conversation"}
)
_ROLE_WORDS = frozenset({"agent", "supervisor", "orchestrator", "dispatcher"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        if not _is_context_name(each.attribute):
            continue
        confidence = _rate_attribute(each)
        if confidence is not None:
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request and keeps its {each.attribute} in {each.method.name}().",
                confidence=confidence,
            )


def _is_context_name(attribute: str) -> bool:
    found = split_words(attribute)
    if not found or found[-1] not in _CONTEXT_WORDS:
        return False
    return len(found) == 1 or found[-2] in _OWNER_WORDS


def _rate_attribute(each: StoredAttribute) -> Confidence | None:
    if each.is_required and each.lifetime is not Confidence.HIGH:
        return None
    found = split_words(each.attribute)
    if isinstance(each.value, ast.Constant):
        return None
    if isinstance(each.value, ast.Name) and set(split_words(each.value.id)) & (_CONTEXT_WORDS | _OWNER_WORDS):
        if each.lifetime is not Confidence.HIGH and not _is_agent(each):
            return Confidence.LOW
        return Confidence.HIGH if not each.is_in_constructor else Confidence.MEDIUM
    empty = isinstance(each.value, ast.Dict) or (
        isinstance(each.value, ast.Call) and get_last_identifier(each.value.func) == "dict"
    )
    if empty and found[-1] in {"context", "state"} and _is_agent(each):
        return Confidence.MEDIUM
    return None


def _is_agent(each: StoredAttribute) -> bool:
    names = [each.owner.name, *(get_last_identifier(base) for base in each.owner.bases)]
    return any(_ROLE_WORDS & set(split_words(name)) for name in names)


RULE = IsolationRule(
    id="stored-context",
    title="A request's context or state kept on a long-lived object",
    why="Two requests at once overwrite each other's: the object then works with the context of another user.",
    remedy="Make the object for one context (required in its constructor and frozen), or pass the context "
    "to each call.",
    severity=Severity.ERROR,
    find=find,
)
