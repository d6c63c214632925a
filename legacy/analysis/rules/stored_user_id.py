"""Users, user ids and run ids stored in attributes of long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, is_user_name, list_identifiers, split_words
from legacy.analysis.lifetimes import StoredAttribute, find_stored_attributes
from legacy.analysis.parsing import ParsedModule
from legacy.analysis.scopes import list_methods, list_parameters

_RUN_ID_NAMES = frozenset({("run", "id"), ("thread", "id"), ("conversation", "id"), ("chat", "id"), ("session", "id")})
# Parameters of legacy agents' constructors and methods.
_LEGACY_PARAMETERS = frozenset(
    {
        "llm_manager",
        "tool_dispatcher",
        "redis_manager",
        "websocket_bridge",
        "stream_updates",
        "bridge",
    }
)
_TECHNICAL_WORDS = frozenset(
    {"db", "database", "redis", "smtp", "mail", "proxy", "basic", "login", "mqtt", "ssh", "service", "repo", "project"}
)


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        if (
            _is_user_or_run_id(each.attribute)
            and any(_is_user_or_run_id(name) for name in list_identifiers(each.value))
            and not _is_excused(each)
        ):
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request and keeps whose it is in self.{each.attribute}.",
                confidence=_rate_attribute(each),
            )


def _rate_attribute(each: StoredAttribute) -> Confidence:
    """An optional user parameter of a constructor counts only in classes with other signs of the legacy pattern."""
    if each.is_in_constructor and each.lifetime is not Confidence.HIGH and not _is_legacy_class(each.owner):
        return Confidence.LOW
    return Confidence.MEDIUM if each.is_in_constructor or not is_user_name(each.attribute) else Confidence.HIGH


def _is_legacy_class(klass: ast.ClassDef) -> bool:
    return any(_LEGACY_PARAMETERS & {each.arg for each in list_parameters(method)} for method in list_methods(klass))


def _is_user_or_run_id(attribute: str) -> bool:
    found = split_words(attribute)
    if _TECHNICAL_WORDS & set(found) or found[-1:] in {
        ("users",),
        ("members",),
        ("email",),
        ("sub",),
        ("accounts",),
        ("key",),
    }:
        return False
    return is_user_name(attribute) or found[-2:] in _RUN_ID_NAMES


def _is_excused(each: StoredAttribute) -> bool:
    """An initial value, a container, or the user that the object was created for."""
    if isinstance(each.value, ast.Constant | ast.Dict | ast.List | ast.Set):
        return True
    if isinstance(each.value, ast.Call) and get_last_identifier(each.value.func) in {
        "dict",
        "list",
        "set",
        "defaultdict",
        "getenv",
    }:
        return True
    return each.is_required and each.lifetime is not Confidence.HIGH


RULE = IsolationRule(
    id="stored-user-id",
    title="Whose turn it is, kept on a long-lived object",
    why="With two users at once the second overwrites the id, and the first one's events and rows go to the second.",
    remedy="Take the id from the context that is handed down with each call, or make the object for one run.",
    severity=Severity.ERROR,
    find=find,
)
