"""The cases: text files with the source before, the source after (empty if unchanged) and the issues."""

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
    issues: str

    @property
    def is_migrated(self) -> bool:
        return self.after != self.before


def parse_case(path: Path) -> Case:
    rest, issues = path.read_text().split("=== issues\n")
    before, after = rest.removeprefix("=== before\n").split("=== after\n")
    return Case(name=path.stem, before=before, after=after or before, issues=issues)


CASES = tuple(parse_case(path) for path in sorted(FOLDER.glob("*.txt")))
MIGRATED = tuple(each for each in CASES if each.is_migrated)


@cache
def migrate_once(source: bytes) -> FileMigration:
    """Migrate a source once for all tests, because it takes long."""
    return migrate_source(source, {})


def migrate_text(source: str) -> FileMigration:
    return migrate_once(source.encode())


def format_issues(migration: FileMigration) -> str:
    return "".join(f"{each.line}{'' if each.blocks else ' look'}: {each.reason}\n" for each in migration.issues)
