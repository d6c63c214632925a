"""The table of bugs and catchers in docs/security.md, made from the list."""

from collections.abc import Sequence

from tests.teeth.bug import Bug
from tests.teeth.tree import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- bugs put in by tests: begin -->\n", "<!-- bugs put in by tests: end -->"


def table(bugs: Sequence[Bug]) -> str:
    rows = [f"| {bug.name} | `{bug.file}` | {_tests(bug)} | {_when(bug)} |\n" for bug in bugs]
    return "| bug | put into | caught by | in `make` |\n|---|---|---|---|\n" + "".join(rows)


def _when(bug: Bug) -> str:
    return f"{'test' if bug.always else 'soak'}{f', {bug.only_on} only' if bug.only_on else ''}"


def _tests(bug: Bug) -> str:
    return ", ".join("`{}` {}".format(*test.split("::", 1)) for test in bug.caught_by)


def written(document: str, bugs: Sequence[Bug]) -> str:
    """The document with the table of today. Raises ValueError where its place is not marked."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table(bugs) + END + after
