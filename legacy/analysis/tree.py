"""Which files of a tree are read, and which are not."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

FOREIGN = frozenset(
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
TESTS = frozenset({"tests", "test", "testing", "__tests__"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is left out besides what is foreign: tests (nobody's data is in them), and patterns of paths."""

    tests: bool = False
    exclude: Sequence[str] = ()

    def skips_folder(self, name: str, path: str) -> bool:
        return name in FOREIGN or (not self.tests and name in TESTS) or self._excludes(path)

    def skips_file(self, name: str, path: str) -> bool:
        test = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
        return (test and not self.tests) or self._excludes(path)

    def _excludes(self, path: str) -> bool:
        return any(fnmatch(path, each) or fnmatch(path, f"*/{each}") for each in self.exclude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file to be read, or a folder or file that is left out."""

    path: Path
    name: str
    """How it is told: below the given path, with slashes."""
    skipped: bool


def places(given: Path, selection: Selection) -> Iterator[Place]:
    """In the order of names. A file that is given itself is always read."""
    if given.is_file():
        yield Place(path=given, name=given.as_posix(), skipped=False)
        return
    for folder, folders, files in os.walk(given):
        here = Path(folder)
        for each in sorted(folders):
            name = (here / each).as_posix()
            if selection.skips_folder(each, name):
                folders.remove(each)
                yield Place(path=here / each, name=name, skipped=True)
        folders.sort()
        for each in sorted(files):
            if each.endswith(".py"):
                name = (here / each).as_posix()
                yield Place(path=here / each, name=name, skipped=selection.skips_file(each, name))
