"""Contexts, database sessions and user ids stored in attributes of long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, is_user_name, list_identifiers, split_words
from legacy.analysis.lifetimes import StoredAttribute, find_stored_attributes
from legacy.analysis.parsing import ParsedModule
from legacy.analysis.scopes import list_methods, list_parameters

_CONTEXT_WORDS = frozenset({"context", "ctx", "state", "request", "websocket", "emitter"})
_OWNER_WORDS = frozenset(
    {"user", "execution", "request", "agent", "run", "current", "chat", "thread", "session", "conversation"}
)
_ROLE_WORDS = frozenset({"agent", "supervisor", "orchestrator", "dispatcher"})
_SESSION_NAMES = frozenset(
    {("db", "session"), ("database", "session"), ("async", "session"), ("sql", "session"), ("sa", "session")}
)
_SESSION_TYPES = frozenset({"AsyncSession", "Session", "scoped_session", "AsyncConnection"})
_OTHER_SESSION_PACKAGES = frozenset({"requests", "aiohttp", "httpx", "boto3", "botocore", "tensorflow", "onnxruntime"})
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


def find_contexts(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        if not _is_context_name(each.attribute):
            continue
        confidence = _rate_context(each)
        if confidence is not None:
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request; {each.method.name}() stores a {each.attribute} in it.",
                confidence=confidence,
            )


def _is_context_name(attribute: str) -> bool:
    found = split_words(attribute)
    if not found or found[-1] not in _CONTEXT_WORDS:
        return False
    return len(found) == 1 or found[-2] in _OWNER_WORDS


def _rate_context(each: StoredAttribute) -> Confidence | None:
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


STORED_CONTEXT = IsolationRule(
    id="stored-context",
    title="Request context or state on a long-lived object",
    why="Concurrent requests overwrite each other's: the object then works with another user's context.",
    remedy="Create the object for one context (required in its constructor and frozen), or pass the context "
    "to each call.",
    severity=Severity.ERROR,
    find=find_contexts,
)


def find_sessions(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        confidence = _rate_session(module, each)
        if confidence is not None:
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request and stores a database session in self.{each.attribute}.",
                confidence=confidence,
            )


def _rate_session(module: ParsedModule, each: StoredAttribute) -> Confidence | None:
    if isinstance(each.value, ast.Constant) or (
        isinstance(each.value, ast.Call) and not _is_session_factory_call(each.value)
    ):
        return None
    named = any(split_words(name)[-2:] in _SESSION_NAMES for name in (each.attribute, get_last_identifier(each.value)))
    typed = isinstance(each.value, ast.Name) and _is_orm_session(module, each, each.value.id)
    if not named and not typed:
        return None
    if not each.is_required or each.lifetime is Confidence.HIGH:
        return Confidence.HIGH
    return Confidence.MEDIUM if "agent" in split_words(each.owner.name) else Confidence.LOW


def _is_session_factory_call(call: ast.Call) -> bool:
    return get_last_identifier(call.func) in {
        "SessionLocal",
        "AsyncSessionLocal",
        "async_session",
        "get_db_session",
        "db_session",
    }


def _is_orm_session(module: ParsedModule, each: StoredAttribute, name: str) -> bool:
    for parameter in list_parameters(each.method):
        if parameter.arg == name and parameter.annotation is not None:
            types = [kind for kind in list_identifiers(parameter.annotation) if kind in _SESSION_TYPES]
            return any(
                module.imports.get(kind, "sqlalchemy").split(".")[0] not in _OTHER_SESSION_PACKAGES for kind in types
            )
    return False


STORED_SESSION = IsolationRule(
    id="stored-session",
    title="Database session on a long-lived object",
    why="The next user's work runs in the previous user's session: uncommitted rows, identity map, settings.",
    remedy="Open the session where the work is done (async with), or pass it as an argument; never store it.",
    severity=Severity.ERROR,
    find=find_sessions,
)


def find_user_ids(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        if (
            _is_user_or_run_id(each.attribute)
            and any(_is_user_or_run_id(name) for name in list_identifiers(each.value))
            and not _is_excused(each)
        ):
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request and stores a user or run in self.{each.attribute}.",
                confidence=_rate_user_id(each),
            )


def _rate_user_id(each: StoredAttribute) -> Confidence:
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


STORED_USER_ID = IsolationRule(
    id="stored-user-id",
    title="User or run id on a long-lived object",
    why="With two concurrent users the second overwrites the id, and the first one's events and rows go to the second.",
    remedy="Take the id from the context that is passed with each call, or create the object for one run.",
    severity=Severity.ERROR,
    find=find_user_ids,
)
