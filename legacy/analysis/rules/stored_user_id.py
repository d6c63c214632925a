"""Users, and the ids of users and runs, in attributes of long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import last, mentioned, names_user, words
from legacy.analysis.scopes import methods, parameters
from legacy.analysis.stored import Stored, stored

_OF_ONE = frozenset({("run", "id"), ("thread", "id"), ("conversation", "id"), ("chat", "id"), ("session", "id")})
# What constructors and methods of the old agents take.
_OLD = frozenset(
    {
        "llm_manager",
        "tool_dispatcher",
        "redis_manager",
        "websocket_bridge",
        "stream_updates",
        "bridge",
    }
)
_TECHNICAL = frozenset(
    {"db", "database", "redis", "smtp", "mail", "proxy", "basic", "login", "mqtt", "ssh", "service", "repo", "project"}
)


def find(module: Module) -> Iterator[Hit]:
    for each in stored(module):
        if (
            _is_whose(each.attribute)
            and any(_is_whose(name) for name in mentioned(each.value))
            and not _is_excused(each)
        ):
            yield Hit(
                node=each.node,
                message=f"{each.klass.name} outlives a request and keeps whose it is in self.{each.attribute}.",
                confidence=_confidence(each),
            )


def _confidence(each: Stored) -> Confidence:
    """A constructor's optional user is telling where the object is otherwise of the old pattern."""
    if each.at_birth and each.lifetime is not Confidence.HIGH and not _is_old(each.klass):
        return Confidence.LOW
    return Confidence.MEDIUM if each.at_birth or not names_user(each.attribute) else Confidence.HIGH


def _is_old(klass: ast.ClassDef) -> bool:
    return any(_OLD & {each.arg for each in parameters(method)} for method in methods(klass))


def _is_whose(attribute: str) -> bool:
    found = words(attribute)
    if _TECHNICAL & set(found) or found[-1:] in {
        ("users",),
        ("members",),
        ("email",),
        ("sub",),
        ("accounts",),
        ("key",),
    }:
        return False
    return names_user(attribute) or found[-2:] in _OF_ONE


def _is_excused(each: Stored) -> bool:
    """An empty beginning, a container, or what the object was made for."""
    if isinstance(each.value, ast.Constant | ast.Dict | ast.List | ast.Set):
        return True
    if isinstance(each.value, ast.Call) and last(each.value.func) in {"dict", "list", "set", "defaultdict", "getenv"}:
        return True
    return each.required and each.lifetime is not Confidence.HIGH


RULE = Rule(
    id="stored-user-id",
    title="Whose turn it is, kept on a long-lived object",
    why="With two users at once the second overwrites the id, and the first one's events and rows go to the second.",
    mend="Take the id from the context that is handed down with each call, or make the object for one run.",
    severity=Severity.ERROR,
    find=find,
)
