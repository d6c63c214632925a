"""A whole tree: every file checked, nothing stops at one that cannot be read."""

import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from legacy.analysis.check import check
from legacy.analysis.finding import Finding
from legacy.analysis.tree import Selection, places
from legacy.analysis.unread import unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    files: int
    lines: int


def scan(given: Iterable[Path], selection: Selection) -> Scan:
    findings: list[Finding] = []
    skipped: list[str] = []
    files, lines, seen = 0, 0, set[str]()
    for place in (each for path in given for each in places(path, selection)):
        if place.name in seen:
            continue
        seen.add(place.name)
        if place.skipped:
            skipped.append(place.name)
            continue
        files += 1
        source = text(place.path)
        if isinstance(source, str):
            lines += len(source.splitlines())
            findings += check(place.name, source)
        else:
            findings.append(unread(place.name, 1, str(source) or type(source).__name__))
    ordered = sorted(findings, key=lambda each: (each.path, each.line, each.column, each.rule.id))
    return Scan(findings=tuple(ordered), skipped=tuple(sorted(skipped)), files=files, lines=lines)


def text(path: Path) -> str | Exception:
    """A file's text in the encoding that it declares, or why there is none."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, UnicodeError, SyntaxError) as error:
        return error
