"""Rules, hits and findings, with severity and confidence; and the finding for a file that cannot be parsed."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from legacy.analysis.parsing import ParsedModule


class Severity(StrEnum):
    """Worst first; `rank` is the position."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How likely a reader of the code would agree with the finding."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return list(Confidence).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A place that a rule reports. The default severity is the rule's; with low confidence it is a note."""

    node: ast.expr | ast.stmt | ast.arg
    message: str
    confidence: Confidence
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationRule:
    id: str
    title: str
    why: str
    remedy: str
    severity: Severity
    find: Callable[[ParsedModule], Iterable[RuleHit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFinding:
    path: str
    line: int
    column: int
    rule: IsolationRule
    message: str
    severity: Severity
    confidence: Confidence
    text: str
    """The line with collapsed white space, by which a baseline recognises the finding."""


UNREAD_FILE = IsolationRule(
    id="unread-file",
    title="File that could not be read",
    why="Its contents were not checked.",
    remedy="Fix its syntax or encoding, or skip it with --exclude.",
    severity=Severity.WARNING,
    find=lambda module: (),
)


def build_unread_finding(path: str, line: int, message: str) -> CodeFinding:
    return CodeFinding(
        path=path,
        line=max(line, 1),
        column=1,
        rule=UNREAD_FILE,
        message=f"Not read: {message}.",
        severity=UNREAD_FILE.severity,
        confidence=Confidence.HIGH,
        text="",
    )
