"""The mode of NETRA_LEGACY, deprecation warnings at the caller's line, and counts of legacy API uses by agent and line.
Counts stay in memory for one turn and are then stored. They contain no data of users."""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any, Literal, TypeVar, cast

from django.conf import settings
from django.db import connection

from core.exceptions import OperatorError
from legacy.models import LegacyUse

LegacyMode = Literal["forbid", "warn", "allow"]
WORKING_DIRECTORY = os.getcwd()  # the meaning of "" and "." in sys.path, which `python -m` and daphne add
KIT_MODULE_PREFIXES = ("legacy.bridges", "pydantic.")
F = TypeVar("F", bound=Callable[..., Any])
ROWS_PER_STATEMENT = 1_000  # SQLite takes 32,766 parameters


class LegacyForbidden(OperatorError):
    """A legacy agent was started although NETRA_LEGACY=forbid."""

    code = "legacy_forbidden"


def get_legacy_mode() -> LegacyMode:
    """Return the current mode. It is read at each construction, so that a changed setting needs no new classes."""
    return settings.NETRA_LEGACY or "forbid"


def ensure_legacy_allowed(agent: str) -> None:
    if get_legacy_mode() == "forbid":
        raise LegacyForbidden(
            f"The agent {agent!r} is a legacy agent, which NETRA_LEGACY=forbid does not allow. "
            "Set NETRA_LEGACY=warn during the migration, or use the agent's modern form."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLocation:
    """A line of code. `file` is relative to the folder of sys.path: an absolute path reveals more than needed."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CallerFrame:
    """The nearest caller outside of the bridges. Python's warnings need `absolute_path` and `module_globals`."""

    location: CodeLocation
    absolute_path: str
    module_globals: dict[str, Any]


def find_caller() -> CallerFrame:
    """Return the nearest caller outside of the bridges."""
    frame: FrameType = sys._getframe(1)
    while frame.f_back is not None and _is_kit_frame(frame):
        frame = frame.f_back
    place = CodeLocation(file=to_relative_path(frame.f_code.co_filename), line=frame.f_lineno)
    return CallerFrame(place, frame.f_code.co_filename, frame.f_globals)


def locate_code(code: CodeType) -> CodeLocation:
    """Return the location of a definition."""
    return CodeLocation(file=to_relative_path(code.co_filename), line=code.co_firstlineno)


def to_relative_path(file: str) -> str:
    """Return the path below the longest folder of `sys.path` that contains the file; without one, its name."""
    path = PurePath(file)
    under = [
        root
        for root in (WORKING_DIRECTORY if each in ("", ".") else each for each in sys.path)
        if path.is_relative_to(root)
    ]
    found = path.relative_to(max(under, key=len)) if under else PurePath(path.name)
    return found.as_posix()[-250:]


def _is_kit_frame(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    return name.startswith(KIT_MODULE_PREFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """One use of the legacy API. `what` is, for example, "WebSocketManager.send_to_user"."""

    agent: str
    what: str
    location: CodeLocation


@dataclass(slots=True)
class UsageCounter:
    """Counts the legacy API uses of one turn of one agent."""

    agent: str
    counts: Counter[UsageKey] = field(default_factory=Counter)

    def record_call(self, what: str, instead: str) -> None:
        """Count a use by the current caller of the bridge, and warn at its line."""
        found = find_caller()
        self.increment(what, found.location)
        warn_deprecated(what, instead, found)

    def increment(self, what: str, location: CodeLocation) -> None:
        self.counts[UsageKey(agent=self.agent, what=what, location=location)] += 1


def warn_deprecated(what: str, instead: str, at: CallerFrame) -> None:
    """Issue a DeprecationWarning at the caller's line, unless NETRA_LEGACY=allow."""
    if get_legacy_mode() == "allow":
        return
    warnings.warn_explicit(
        f"{what} is deprecated; use {instead}",
        DeprecationWarning,
        at.absolute_path,
        at.location.line,
        module=str(at.module_globals.get("__name__", "legacy")),
        registry=at.module_globals.setdefault("__warningregistry__", {}),
    )


def mark_deprecated(instead: str) -> Callable[[F], F]:
    """Count each call of a method, and warn. The object has a `usage` (UsageCounter).

    Coroutine functions are counted at the call, too: once they are awaited, the caller may be an event loop.
    """

    def mark(method: F) -> F:
        @wraps(method)
        def count_and_call(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.usage.record_call(method.__qualname__, instead)
            return method(self, *args, **kwargs)

        return cast(F, count_and_call)

    return mark


def store_usage(counts: Mapping[UsageKey, int], *, day: date | None = None) -> None:
    """Add the counts to the rows of the day (UTC), sorted, so that turns that end together do not deadlock."""
    day = day or datetime.now(UTC).date()
    rows = sorted((use.agent, use.what, use.location.file, use.location.line, count) for use, count in counts.items())
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        _insert_usage_rows([(day, *row) for row in rows[start : start + ROWS_PER_STATEMENT]])


def _insert_usage_rows(rows: list[tuple[date, str, str, str, int, int]]) -> None:
    table = LegacyUse._meta.db_table
    places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (day, agent, what, file, line, count) VALUES {places} "
            f"ON CONFLICT (day, agent, what, file, line) DO UPDATE SET count = {table}.count + excluded.count",
            [value for row in rows for value in row],
        )
