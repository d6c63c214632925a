"""Database sessions that are kept on long-lived objects."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import last, mentioned, words
from legacy.analysis.scopes import parameters
from legacy.analysis.stored import Stored, stored

_NAMED = frozenset(
    {("db", "session"), ("database", "session"), ("async", "session"), ("sql", "session"), ("sa", "session")}
)
_TYPES = frozenset({"AsyncSession", "Session", "scoped_session", "AsyncConnection"})
_NOT_ORM = frozenset({"requests", "aiohttp", "httpx", "boto3", "botocore", "tensorflow", "onnxruntime"})


def find(module: Module) -> Iterator[Hit]:
    for each in stored(module):
        confidence = _confidence(module, each)
        if confidence is not None:
            yield Hit(
                node=each.node,
                message=f"{each.klass.name} outlives a request and keeps a database session in self.{each.attribute}.",
                confidence=confidence,
            )


def _confidence(module: Module, each: Stored) -> Confidence | None:
    if isinstance(each.value, ast.Constant) or (isinstance(each.value, ast.Call) and not _opens(each.value)):
        return None
    named = any(words(name)[-2:] in _NAMED for name in (each.attribute, last(each.value)))
    typed = isinstance(each.value, ast.Name) and _is_orm(module, each, each.value.id)
    if not named and not typed:
        return None
    if not each.required or each.lifetime is Confidence.HIGH:
        return Confidence.HIGH
    return Confidence.MEDIUM if "agent" in words(each.klass.name) else Confidence.LOW


def _opens(call: ast.Call) -> bool:
    return last(call.func) in {"SessionLocal", "AsyncSessionLocal", "async_session", "get_db_session", "db_session"}


def _is_orm(module: Module, each: Stored, name: str) -> bool:
    for parameter in parameters(each.method):
        if parameter.arg == name and parameter.annotation is not None:
            types = [kind for kind in mentioned(parameter.annotation) if kind in _TYPES]
            return any(module.imports.get(kind, "sqlalchemy").split(".")[0] not in _NOT_ORM for kind in types)
    return False


RULE = Rule(
    id="stored-session",
    title="A database session kept on a long-lived object",
    why="The next user's work runs in the session of the one before: rows not yet committed, identity map, settings.",
    mend="Open the session where the work is done (async with), or hand it down as an argument; never keep it.",
    severity=Severity.ERROR,
    find=find,
)
