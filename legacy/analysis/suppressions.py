"""`# netra: allow[rule] reason` on a line or alone on the line above; `allow-file[rule] reason` for the whole file."""

import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from legacy.analysis.finding import Rule, Severity

_ALLOW = re.compile(r"#\s*netra:\s*allow(?P<file>-file)?\[(?P<rules>[\w\s,-]*)\]\s*(?P<reason>.*)")

UNEXPLAINED = Rule(
    id="unexplained-allow",
    title="An exception without a reason",
    why="Nobody can judge later whether it still holds.",
    mend="Say after the bracket why nothing of one user can reach another here.",
    severity=Severity.WARNING,
    find=lambda module: (),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allows:
    lines: Mapping[int, frozenset[str]]
    everywhere: frozenset[str]
    unexplained: tuple[int, ...]

    def cover(self, rule: str, line: int) -> bool:
        return rule in self.everywhere or rule in self.lines.get(line, frozenset())


def allows(source: str, lines: Sequence[str]) -> Allows:
    by_line: dict[int, frozenset[str]] = {}
    everywhere: frozenset[str] = frozenset()
    unexplained = []
    for number, comment in _comments(source):
        said = _ALLOW.search(comment)
        if said is None:
            continue
        rules = frozenset(each.strip() for each in said["rules"].split(",") if each.strip())
        if not said["reason"].strip() or not rules:
            unexplained.append(number)
        elif said["file"]:
            everywhere |= rules
        else:
            line = _meant(number, lines)
            by_line[line] = by_line.get(line, frozenset()) | rules
    return Allows(lines=MappingProxyType(by_line), everywhere=everywhere, unexplained=tuple(unexplained))


def _comments(source: str) -> list[tuple[int, str]]:
    """Comments only, not strings that look like them. Most files have none, and are not cut into tokens."""
    if not _ALLOW.search(source):
        return []
    return [
        (each.start[0], each.string)
        for each in tokenize.generate_tokens(io.StringIO(source).readline)
        if each.type == tokenize.COMMENT
    ]


def _meant(number: int, lines: Sequence[str]) -> int:
    """The line itself, or the next one of code where the comment stands alone."""
    if not lines[number - 1].lstrip().startswith("#"):
        return number
    following = range(number + 1, len(lines) + 1)
    return next((each for each in following if lines[each - 1].strip() and lines[each - 1].lstrip()[0] != "#"), number)
