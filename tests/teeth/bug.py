"""A bug as text: what is changed in which file of a copy of the tree, and which tests must notice."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """`edits` are pairs of a text that is in `file` exactly once and what takes its place. `caught_by` are node ids
    below tests/. The few that are put in at each `make test` are `always`; all are in `make soak`. `only_on` names the
    database on which alone it does harm: on SQLite nobody meets another writer."""

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    caught_by: tuple[str, ...]
    always: bool = False
    only_on: str = ""


def broken(text: str, bug: Bug) -> str:
    """The file's text with the bug in it. Raises AssertionError where the text to be changed is not there any more:
    a bug that is not put in would be caught by nobody."""
    for old, new in bug.edits:
        count = text.count(old)
        assert count == 1, f"{bug.name}: {bug.file} has {old!r} {count} times; write the bug anew for today's code"
        text = text.replace(old, new)
    return text


def read(root: Path, bug: Bug) -> str:
    return (root / bug.file).read_text(encoding="utf-8")
