"""Migrate the files of a tree: select them, find base classes, migrate, write the results atomically, and report them
as a unified diff with open issues, or as JSON."""

import ast
import contextlib
import difflib
import os
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from legacy.codemods.legacy_agent import LEGACY_BASES
from legacy.codemods.migration import FileMigration, migrate_source

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", ".venv", "venv"})
CLASS_WITH_BASE = re.compile(rb"^\s*class\s+\w+\s*\(", re.MULTILINE)


DIFF_COLOURS = (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))


def find_python_files(path: Path) -> Iterator[Path]:
    """Yield the files of a path in a fixed order. Links are followed only if the path itself is one.

    Raises OSError for a folder that cannot be listed.
    """
    if path.is_file():
        yield path.resolve()
        return
    for folder, below, names in os.walk(path, onerror=_raise_error):
        below[:] = sorted(name for name in below if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith((".py", ".pyi")) and file.is_file() and not file.is_symlink():
                yield file


def _raise_error(error: OSError) -> None:
    raise error


def find_base_classes(sources: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """Return the base classes, each with the place of its first subclass. Files that cannot be parsed are skipped."""
    known: dict[str, str] = {}
    for path, source in sources:
        if CLASS_WITH_BASE.search(source):
            for name, line in _parse_bases(source):
                known.setdefault(name, f"{path}:{line}")
    return {name: where for name, where in known.items() if name not in LEGACY_BASES}


def _parse_bases(source: bytes) -> list[tuple[str, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []  # reported where the file itself is migrated
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return [(name, node.lineno) for node in classes for base in node.bases if (name := _get_base_name(base))]


def _get_base_name(base: ast.expr) -> str | None:
    if isinstance(base, ast.Subscript):
        return _get_base_name(base.value)
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileError:
    """A file that could not be read or written, and why. The other files are not affected."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationSurvey:
    """`changes` holds the files that change or have issues."""

    files: int
    changes: Mapping[Path, FileMigration]
    errors: tuple[FileError, ...]


def survey_paths(paths: Sequence[str]) -> MigrationSurvey:
    found, errors = _find_files(paths)
    sources: dict[Path, bytes] = {}
    for path in found:
        try:
            sources[path] = path.read_bytes()
        except OSError as error:
            errors.append(FileError(path=str(path), reason=f"can't be read: {error.strerror}"))
    base_classes = find_base_classes((str(path), source) for path, source in sources.items())
    changes = {path: migrate_source(source, base_classes) for path, source in sources.items()}
    errors += [FileError(path=str(path), reason=each.error) for path, each in changes.items() if each.error]
    reported = {path: each for path, each in changes.items() if each.is_changed or each.issues}
    return MigrationSurvey(files=len(sources), changes=reported, errors=tuple(errors))


def _find_files(paths: Sequence[str]) -> tuple[list[Path], list[FileError]]:
    found: dict[Path, None] = {}
    errors = []
    for name in paths:
        path = Path(name)
        try:
            if not path.exists():
                errors.append(FileError(path=name, reason="no such file or folder"))
                continue
            found |= dict.fromkeys(find_python_files(path))
        except OSError as error:
            errors.append(FileError(path=str(error.filename or name), reason=f"can't be read: {error.strerror}"))
    return list(_deduplicate(found)), errors


def _deduplicate(paths: Mapping[Path, None]) -> Iterator[Path]:
    """Yield each file once, even if several of the paths contain it."""
    seen: set[Path] = set()
    for path in paths:
        real = path.resolve()
        if real not in seen:
            seen.add(real)
            yield path


class FileChangedError(OSError):
    """The file has changed since it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(0, "has changed since it was read; run the command again", str(path))


def write_migration(path: Path, change: FileMigration) -> None:
    """Write the result atomically, with the mode of the file. Raises OSError, and leaves the file as it was."""
    if path.read_bytes() != change.before:
        raise FileChangedError(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def format_diff(path: Path, change: FileMigration) -> str:
    """Return a unified diff for `patch`. A carriage return at the end of a line is shown as it is."""
    before, after = (each.decode(change.encoding).splitlines(keepends=True) for each in (change.before, change.after))
    lines = list(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def colour_diff(text: str) -> str:
    return "\n".join(_colour_line(line) for line in text.split("\n"))


def _colour_line(line: str) -> str:
    code = next((code for start, code in DIFF_COLOURS if line.startswith(start)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def format_issues(survey: MigrationSurvey) -> Iterator[str]:
    """Yield the places to change by hand, then the places to review, then the errors."""
    for blocks, head in ((True, "Not migrated:"), (False, "Review:")):
        issues = [
            (path, each) for path, change in survey.changes.items() for each in change.issues if each.blocks is blocks
        ]
        if issues:
            yield f"\n{head}"
        for path, each in issues:
            yield f"{path}:{each.line}: {each.code}\n    {each.reason}"
    if survey.errors:
        yield "\nErrors:"
    for error in survey.errors:
        yield f"{error.path}: {error.reason}"


def format_summary(survey: MigrationSurvey, *, written: bool) -> str:
    changes = survey.changes.values()
    agents, files = sum(len(each.agents) for each in changes), sum(each.is_changed for each in changes)
    blocked = sum(each.blocks for change in changes for each in change.issues)
    what = f"{_count(agents, 'agent')} in {_count(files, 'file')}"
    head = f"Migrated {what}." if written else f"Can migrate {what}; use --write to change the files."
    if not agents:
        head = "No agents to migrate."
    places, errors = _count(blocked, "place"), _count(len(survey.errors), "error")
    return f"{head} {_count(survey.files, 'file')} read, {places} to change by hand, {errors}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def to_json(survey: MigrationSurvey, *, written: bool) -> dict[str, Any]:
    return {
        "files": survey.files,
        "written": written,
        "changes": [
            {"path": str(path), "agents": list(each.agents), "diff": format_diff(path, each)}
            for path, each in survey.changes.items()
            if each.is_changed
        ],
        "left": [
            {"path": str(path), "line": each.line, "code": each.code, "reason": each.reason, "blocks": each.blocks}
            for path, change in survey.changes.items()
            for each in change.issues
        ],
        "troubles": [{"path": each.path, "reason": each.reason} for each in survey.errors],
    }
