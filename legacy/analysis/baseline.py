"""Findings that are known: matched by rule, path and the line's content, so that they survive moving up and down."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from legacy.analysis.finding import Finding

VERSION = 1
Known: TypeAlias = Counter[tuple[str, str, str]]


class UnusableBaseline(ValueError):
    """The file is none of ours."""


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.path, finding.text


def write(path: Path, findings: Iterable[Finding]) -> None:
    """In order and one per line, so that a baseline's changes can be reviewed."""
    known = Counter(_key(each) for each in findings)
    entries = [
        {"rule": rule, "path": where, "text": text, "count": count}
        for (rule, where, text), count in sorted(known.items())
    ]
    path.write_text(json.dumps({"version": VERSION, "findings": entries}, indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Known:
    """Raises OSError and `UnusableBaseline`."""
    try:
        stored = json.loads(path.read_text())
        if stored["version"] != VERSION:
            raise UnusableBaseline(f"{path} is a baseline of version {stored['version']}, not {VERSION}.")
        return Counter({_entry(each): int(each["count"]) for each in stored["findings"]})
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnusableBaseline(f"{path} is not a baseline of this command.") from error


def _entry(each: dict[str, Any]) -> tuple[str, str, str]:
    return str(each["rule"]), str(each["path"]), str(each["text"])


def unknown(findings: Iterable[Finding], known: Known) -> list[Finding]:
    """What the baseline does not have; of several alike as many as are more than it has."""
    left, new = Counter(known), []
    for each in findings:
        if left[_key(each)] > 0:
            left[_key(each)] -= 1
        else:
            new.append(each)
    return new
