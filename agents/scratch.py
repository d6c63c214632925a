"""Working folders of runs and of logs being read, below `scratch`: `<run>-<attempt>` and `read-<log>-<attempt>`.

Whoever made one removes it when done; what is left is of a process that was killed.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from agents.models import Run
from netra.core.ondisk import OnDisk, entries, look, waste_of
from netra.core.waste import Waste
from netra.language.text import text
from workloads.models import Workload
from workloads.orphans import YOUNG

NAME = re.compile(r"(?P<reading>read-)?(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+")
WHAT = text("working folders of nobody's")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedScratch:
    """Working folders of runs and logs that there are not, untouched for an hour before `now`."""

    data_dir: Path
    now: datetime

    def found(self) -> Waste:
        return waste_of(WHAT, tuple(self._each()))

    def remove(self) -> Waste:
        gone = tuple(self._each())
        for each in gone:
            each.remove()
        return waste_of(WHAT, gone)

    def _each(self) -> Iterator[OnDisk]:
        # The folder first, the rows second: a row is there before its folder is.
        for path, id_, reading in _named(self.data_dir):
            there = look(path)
            if there is None or self.now - there.written < YOUNG:
                continue
            if not (Workload if reading else Run).objects.filter(id=id_).exists():
                yield there


def scratch_of(ids: Collection[UUID], data_dir: Path) -> list[Path]:
    """The working folders of these runs and logs."""
    return [path for path, id_, _ in _named(data_dir) if id_ in ids]


def _named(data_dir: Path) -> Iterator[tuple[Path, UUID, bool]]:
    for path in entries(data_dir / "scratch"):
        name = NAME.fullmatch(path.name)
        if name is not None:
            yield path, UUID(name["id"]), name["reading"] is not None
