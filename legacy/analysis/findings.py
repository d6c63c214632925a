"""What a rule is, and what it finds."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from legacy.analysis.module import Module


class Severity(StrEnum):
    """Worst first, so that `rank` compares."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How likely it is that a reader of the code would agree."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return list(Confidence).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A place that a rule points at. Without a severity it has its rule's; with low confidence it is a note."""

    node: ast.expr | ast.stmt | ast.arg
    message: str
    confidence: Confidence
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    title: str
    why: str
    mend: str
    severity: Severity
    find: Callable[[Module], Iterable[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    path: str
    line: int
    column: int
    rule: Rule
    message: str
    severity: Severity
    confidence: Confidence
    text: str
    """The line itself, blanks put together: what a baseline knows a finding by."""
