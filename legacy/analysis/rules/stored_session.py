"""Database sessions stored on long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, list_identifiers, split_words
from legacy.analysis.lifetimes import StoredAttribute, find_stored_attributes
from legacy.analysis.parsing import ParsedModule
from legacy.analysis.scopes import list_parameters

_SESSION_NAMES = frozenset(
    {("db", "session"), ("database", "session"), ("async", "session"), ("sql", "session"), ("sa", "session")}
)
_SESSION_TYPES = frozenset({"AsyncSession", "Session", "scoped_session", "AsyncConnection"})
_OTHER_SESSION_PACKAGES = frozenset({"requests", "aiohttp", "httpx", "boto3", "botocore", "tensorflow", "onnxruntime"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for each in find_stored_attributes(module):
        confidence = _rate_attribute(module, each)
        if confidence is not None:
            yield RuleHit(
                node=each.node,
                message=f"{each.owner.name} outlives a request and keeps a database session in self.{each.attribute}.",
                confidence=confidence,
            )


def _rate_attribute(module: ParsedModule, each: StoredAttribute) -> Confidence | None:
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


RULE = IsolationRule(
    id="stored-session",
    title="A database session kept on a long-lived object",
    why="The next user's work runs in the session of the one before: rows not yet committed, identity map, settings.",
    remedy="Open the session where the work is done (async with), or hand it down as an argument; never keep it.",
    severity=Severity.ERROR,
    find=find,
)
