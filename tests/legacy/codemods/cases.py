"""The cases: text files of three parts, what goes in, what comes out (nothing: the same), and what is left."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from legacy.codemods.migration import FileMigration, migrate_source

FOLDER = Path(__file__).with_name("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    before: str
    after: str
    left: str

    @property
    def brought(self) -> bool:
        return self.after != self.before


def case(path: Path) -> Case:
    rest, left = path.read_text().split("=== left\n")
    before, after = rest.removeprefix("=== before\n").split("=== after\n")
    return Case(name=path.stem, before=before, after=after or before, left=left)


CASES = tuple(case(path) for path in sorted(FOLDER.glob("*.txt")))
BROUGHT = tuple(each for each in CASES if each.brought)


@cache
def once(source: bytes) -> FileMigration:
    """What many tests ask of one source, and what takes its time."""
    return migrate_source(source, {})


def change(source: str) -> FileMigration:
    return once(source.encode())


def told(change: FileMigration) -> str:
    return "".join(f"{each.line}{'' if each.blocks else ' look'}: {each.reason}\n" for each in change.issues)
