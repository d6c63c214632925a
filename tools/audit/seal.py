"""An anchor: the heads that moved on since the one before, under one mac with that one's. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tools.audit.keys import ChainKey

FORM = "netra.audit.anchor.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a subject's chain stood when it was anchored."""

    subject: str
    seq: int
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The columns of an AuditAnchor."""

    seq: int
    at: datetime
    rows: int
    key: str
    previous: str
    mac: str

    def line(self) -> str:
        """As it stands in the file: JSON."""
        return json.dumps({**self._plain(), "mac": self.mac})

    def _plain(self) -> dict[str, Any]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return {"seq": self.seq, "at": at, "rows": self.rows, "key": self.key, "previous": self.previous}

    def mac_with(self, marks: Iterable[Mark], key: ChainKey) -> str:
        """`marks` in the order of their subjects."""
        return key.mac_of_lines(self._lines(marks))

    def _lines(self, marks: Iterable[Mark]) -> Iterable[str]:
        yield json.dumps([FORM, *self._plain().values()])
        for mark in marks:
            yield json.dumps([mark.subject, mark.seq, mark.mac])


def sealed(seal: Seal, marks: Iterable[Mark], key: ChainKey) -> Seal:
    """The same with its mac."""
    return replace(seal, mac=seal.mac_with(marks, key))
