"""Files of logs and uploads whose row is gone, or never came: left by a process or a disk that failed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from netra.core.models import User
from netra.core.ondisk import OnDisk, entries, look, waste_of
from netra.core.scope import as_user
from netra.core.waste import Waste
from netra.language.text import text
from workloads.models import Upload, Workload

YOUNG = timedelta(hours=1)  # a file may lie there for a while before its row does; no log takes as long to be read
UUID_TEXT = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NAME = re.compile(rf"\.*(?P<id>{UUID_TEXT})(?:\.(?:duckdb|raw|answers)(?:\..+)?)?")
"""What is made here: `<id>`, `<id>.duckdb`, `<id>.raw`, `<id>.answers`; hidden while at work: `.<id>.duckdb.1`."""
FOLDERS = ("workloads", "uploads")
WHAT = text("files of logs and uploads that there are not")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedFiles:
    """Files of no row, untouched for an hour before `now`. What has a name that is not ours is left alone."""

    data_dir: Path
    now: datetime

    def found(self) -> Waste:
        return waste_of(WHAT, tuple(self._each()))

    def remove(self) -> Waste:
        gone = tuple(self._each())
        for each in gone:
            each.remove()
        for folder, owner_id in _of_users(self.data_dir):
            if not entries(folder) and not User.objects.filter(id=owner_id).exists():
                folder.rmdir()  # of somebody who will not come back
        return waste_of(WHAT, gone)

    def _each(self) -> Iterator[OnDisk]:
        for folder, owner_id in _of_users(self.data_dir):
            # The folder first, the rows second: what got its row meanwhile is not an orphan.
            there = {path: UUID(name["id"]) for path in entries(folder) if (name := NAME.fullmatch(path.name))}
            known = _rows(owner_id)
            for path, id_ in there.items():
                found = None if id_ in known else look(path)
                if found is not None and self.now - found.written >= YOUNG:
                    yield found


def _of_users(data_dir: Path) -> Iterator[tuple[Path, UUID]]:
    for kind in FOLDERS:
        for folder in entries(data_dir / kind):
            if re.fullmatch(UUID_TEXT, folder.name):
                yield folder, UUID(folder.name)


def _rows(owner_id: UUID) -> set[UUID]:
    with as_user(owner_id):
        logs = Workload.objects.for_user(owner_id).values_list("id", flat=True)
        return {*logs, *Upload.objects.for_user(owner_id).values_list("id", flat=True)}
