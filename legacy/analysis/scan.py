"""Select the files of a tree, check each one and collect the findings. An unreadable file becomes a finding."""

import os
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from legacy.analysis.findings import CodeFinding, Confidence, IsolationRule, RuleHit, Severity, build_unread_finding
from legacy.analysis.parsing import ParsedModule, parse_module
from legacy.analysis.registry import RULES
from legacy.analysis.suppressions import UNEXPLAINED_ALLOW, AllowComments, parse_allow_comments

EXCLUDED_FOLDERS = frozenset(
    [
        ".venv",
        "venv",
        "env",
        ".env",
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        "node_modules",
        "site-packages",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".eggs",
        "build",
        "dist",
        "migrations",
        ".ipynb_checkpoints",
    ]
)
TEST_FOLDERS = frozenset({"tests", "test", "testing", "__tests__"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSelection:
    """What is skipped besides third-party code: tests, unless `tests` is set, and patterns of paths."""

    tests: bool = False
    exclude: Sequence[str] = ()

    def is_folder_skipped(self, name: str, path: str) -> bool:
        return name in EXCLUDED_FOLDERS or (not self.tests and name in TEST_FOLDERS) or self._is_excluded(path)

    def is_file_skipped(self, name: str, path: str) -> bool:
        test = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
        return (test and not self.tests) or self._is_excluded(path)

    def _is_excluded(self, path: str) -> bool:
        return any(fnmatch(path, each) or fnmatch(path, f"*/{each}") for each in self.exclude)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """A file to read, or a file or folder that is skipped."""

    path: Path
    display_name: str
    """The path as it is shown: below the root, with slashes."""
    is_skipped: bool


def walk_tree(root: Path, selection: FileSelection) -> Iterator[TreeEntry]:
    """Yield the entries sorted by name. A path that is a file is never skipped."""
    if root.is_file():
        yield TreeEntry(path=root, display_name=root.as_posix(), is_skipped=False)
        return
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for each in sorted(folders):
            name = (here / each).as_posix()
            if selection.is_folder_skipped(each, name):
                folders.remove(each)
                yield TreeEntry(path=here / each, display_name=name, is_skipped=True)
        folders.sort()
        for each in sorted(files):
            if each.endswith(".py"):
                name = (here / each).as_posix()
                yield TreeEntry(path=here / each, display_name=name, is_skipped=selection.is_file_skipped(each, name))


def check_source(path: str, source: str, rules: Iterable[IsolationRule] = RULES) -> list[CodeFinding]:
    """Return the findings by line. A file that cannot be parsed is one finding."""
    try:
        module = parse_module(path, source)
        allowed = parse_allow_comments(source, module.lines)
        found = {(each.line, each.column, each.rule.id): each for each in _apply_rules(module, allowed, rules)}
    except SyntaxError as error:
        return [build_unread_finding(path, error.lineno or 1, f"{error.msg} in line {error.lineno}")]
    except (ValueError, tokenize.TokenError) as error:
        return [build_unread_finding(path, 1, str(error))]
    except (RecursionError, MemoryError):
        return [build_unread_finding(path, 1, "it is nested too deeply")]
    return [found[key] for key in sorted(found)]


def _apply_rules(module: ParsedModule, allowed: AllowComments, rules: Iterable[IsolationRule]) -> Iterator[CodeFinding]:
    for rule in rules:
        for hit in rule.find(module):
            if not allowed.is_allowed(rule.id, hit.node.lineno):
                yield _build_finding(module, rule, hit)
    for line in allowed.unexplained_lines:
        yield CodeFinding(
            path=module.path,
            line=line,
            column=1,
            rule=UNEXPLAINED_ALLOW,
            message="This suppression gives no reason.",
            severity=UNEXPLAINED_ALLOW.severity,
            confidence=Confidence.HIGH,
            text=_get_line_text(module, line),
        )


def _build_finding(module: ParsedModule, rule: IsolationRule, hit: RuleHit) -> CodeFinding:
    return CodeFinding(
        path=module.path,
        line=hit.node.lineno,
        column=hit.node.col_offset + 1,
        rule=rule,
        message=hit.message,
        severity=_get_effective_severity(rule, hit),
        confidence=hit.confidence,
        text=_get_line_text(module, hit.node.lineno),
    )


def _get_effective_severity(rule: IsolationRule, hit: RuleHit) -> Severity:
    """Findings of low confidence are notes, which fail no build."""
    return Severity.NOTE if hit.confidence is Confidence.LOW else hit.severity or rule.severity


def _get_line_text(module: ParsedModule, line: int) -> str:
    return " ".join(module.lines[line - 1].split()) if line <= len(module.lines) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    findings: tuple[CodeFinding, ...]
    skipped: tuple[str, ...]
    files: int
    lines: int


def scan_paths(paths: Iterable[Path], selection: FileSelection) -> ScanResult:
    findings: list[CodeFinding] = []
    skipped: list[str] = []
    files, lines, seen = 0, 0, set[str]()
    for entry in (each for path in paths for each in walk_tree(path, selection)):
        if entry.display_name in seen:
            continue
        seen.add(entry.display_name)
        if entry.is_skipped:
            skipped.append(entry.display_name)
            continue
        files += 1
        source = read_source(entry.path)
        if isinstance(source, str):
            lines += len(source.splitlines())
            findings += check_source(entry.display_name, source)
        else:
            findings.append(build_unread_finding(entry.display_name, 1, str(source) or type(source).__name__))
    ordered = sorted(findings, key=lambda each: (each.path, each.line, each.column, each.rule.id))
    return ScanResult(findings=tuple(ordered), skipped=tuple(sorted(skipped)), files=files, lines=lines)


def read_source(path: Path) -> str | Exception:
    """Return a file's text in its declared encoding, or the error."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, UnicodeError, SyntaxError) as error:
        return error
