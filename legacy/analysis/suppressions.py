"""Suppress findings by `# netra: allow[rule] reason` comments and by baseline files.
A baseline matches by rule, path and line content, so that it survives moved lines."""

import io
import json
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from legacy.analysis.findings import CodeFinding, IsolationRule, Severity

_ALLOW_COMMENT = re.compile(r"#\s*netra:\s*allow(?P<file>-file)?\[(?P<rules>[\w\s,-]*)\]\s*(?P<reason>.*)")

UNEXPLAINED_ALLOW = IsolationRule(
    id="unexplained-allow",
    title="Suppression without a reason",
    why="Without a reason it is unclear later whether it still applies.",
    remedy="After the bracket, state why one user's data can't reach another here.",
    severity=Severity.WARNING,
    find=lambda module: (),
)
BASELINE_VERSION = 1
Baseline: TypeAlias = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowComments:
    rules_by_line: Mapping[int, frozenset[str]]
    file_rules: frozenset[str]
    unexplained_lines: tuple[int, ...]

    def is_allowed(self, rule: str, line: int) -> bool:
        return rule in self.file_rules or rule in self.rules_by_line.get(line, frozenset())


def parse_allow_comments(source: str, lines: Sequence[str]) -> AllowComments:
    by_line: dict[int, frozenset[str]] = {}
    everywhere: frozenset[str] = frozenset()
    unexplained = []
    for number, comment in _list_comments(source):
        match = _ALLOW_COMMENT.search(comment)
        if match is None:
            continue
        rules = frozenset(each.strip() for each in match["rules"].split(",") if each.strip())
        if not match["reason"].strip() or not rules:
            unexplained.append(number)
        elif match["file"]:
            everywhere |= rules
        else:
            line = _find_target_line(number, lines)
            by_line[line] = by_line.get(line, frozenset()) | rules
    return AllowComments(
        rules_by_line=MappingProxyType(by_line), file_rules=everywhere, unexplained_lines=tuple(unexplained)
    )


def _list_comments(source: str) -> list[tuple[int, str]]:
    """Return the comments, not strings that look like them. Files without any are not tokenized."""
    if not _ALLOW_COMMENT.search(source):
        return []
    return [
        (each.start[0], each.string)
        for each in tokenize.generate_tokens(io.StringIO(source).readline)
        if each.type == tokenize.COMMENT
    ]


def _find_target_line(number: int, lines: Sequence[str]) -> int:
    """Return the line itself, or the next line of code if the comment stands alone."""
    if not lines[number - 1].lstrip().startswith("#"):
        return number
    following = range(number + 1, len(lines) + 1)
    return next((each for each in following if lines[each - 1].strip() and lines[each - 1].lstrip()[0] != "#"), number)


class UnusableBaseline(ValueError):
    """The file is not a baseline of this command."""


def _get_baseline_key(finding: CodeFinding) -> tuple[str, str, str]:
    return finding.rule.id, finding.path, finding.text


def write_baseline(path: Path, findings: Iterable[CodeFinding]) -> None:
    """Write the findings sorted, one per line, so that changes of a baseline can be reviewed."""
    known = Counter(_get_baseline_key(each) for each in findings)
    entries = [
        {"rule": rule, "path": where, "text": text, "count": count}
        for (rule, where, text), count in sorted(known.items())
    ]
    path.write_text(json.dumps({"version": BASELINE_VERSION, "findings": entries}, indent=1, ensure_ascii=False) + "\n")


def read_baseline(path: Path) -> Baseline:
    """Raises OSError and `UnusableBaseline`."""
    try:
        stored = json.loads(path.read_text())
        if stored["version"] != BASELINE_VERSION:
            raise UnusableBaseline(f"{path} is a baseline of version {stored['version']}, not {BASELINE_VERSION}.")
        return Counter({_parse_entry(each): int(each["count"]) for each in stored["findings"]})
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnusableBaseline(f"{path} is not a baseline of this command.") from error


def _parse_entry(each: dict[str, Any]) -> tuple[str, str, str]:
    return str(each["rule"]), str(each["path"]), str(each["text"])


def exclude_known(findings: Iterable[CodeFinding], known: Baseline) -> list[CodeFinding]:
    """Return the findings that the baseline lacks; of equal ones, as many as exceed its count."""
    remaining, new = Counter(known), []
    for each in findings:
        if remaining[_get_baseline_key(each)] > 0:
            remaining[_get_baseline_key(each)] -= 1
        else:
            new.append(each)
    return new
