"""Is one subject's chain as it was written? Pure: the rows may come from a database or from anywhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tools.audit.finding import Finding, Kind
from tools.audit.keys import ChainKey
from tools.audit.link import Link, mac_of
from tools.audit.seal import Mark


@dataclass(slots=True)
class Window:
    """The rows that no anchor covers: of these, and these only, the last may be cut off without a trace."""

    rows: int = 0
    since: datetime | None = None

    def add(self, other: "Window") -> None:
        self.rows += other.rows
        if other.since is not None:
            self.since = other.since if self.since is None else min(self.since, other.since)


@dataclass(slots=True)
class ChainCheck:
    """One pass over one chain: rows and marks in the order of their numbers, in constant memory.

    `head` is None where the subject has none any more. `checked` counts the rows; `window` is what is not anchored.
    """

    subject: str
    head: Mark | None
    marks: Iterator[Mark]
    keys: Mapping[str, ChainKey]
    checked: int = 0
    window: Window = field(default_factory=Window)
    _seq: int = 0
    _mac: str = ""
    _mark: Mark | None = None

    def findings(self, links: Iterable[Link]) -> Iterator[Finding]:
        self._mark = next(self.marks, None)
        for link in links:
            yield from self._row(link)
            yield from self._anchored(link)
            self._seq, self._mac = link.seq, link.mac
            self.checked += 1
        yield from self._end()

    def _row(self, link: Link) -> Iterator[Finding]:
        if link.seq > self._seq + 1:
            yield self._found("missing", self._seq + 1, f"{rows_are(self._seq + 1, link.seq - 1)} missing")
        elif link.seq <= self._seq:
            yield self._found("order", link.seq, f"row {link.seq} stands after row {self._seq}")
        elif link.previous != self._mac:
            yield self._found("order", link.seq, f"row {link.seq} was not written after the one that is before it now")
        key = self.keys.get(link.key)
        if key is None:
            yield self._found("key", link.seq, f"row {link.seq} names a key that is not known here ({link.key[:8]!r})")
        elif mac_of(link, key) != link.mac:
            yield self._found("changed", link.seq, f"row {link.seq} is not what was written")

    def _anchored(self, link: Link) -> Iterator[Finding]:
        self.window.add(Window(1, link.at))
        while self._mark is not None and self._mark.seq <= link.seq:
            if self._mark.seq == link.seq and self._mark.mac != link.mac:
                yield self._found("changed", link.seq, f"row {link.seq} is another one than was anchored")
            self.window = Window()
            self._mark = next(self.marks, None)

    def _end(self) -> Iterator[Finding]:
        last = self._mark
        while self._mark is not None:
            last, self._mark = self._mark, next(self.marks, None)
        if last is not None:
            yield self._found("truncated", last.seq, f"{rows_are(self._seq + 1, last.seq)} missing, though anchored")
        if self.head is None:
            yield self._found("head", self._seq, "its head is missing")
        elif (self.head.seq, self.head.mac) != (self._seq, self._mac):
            yield self._found("head", self.head.seq, f"its head says row {self.head.seq}, and the last is {self._seq}")

    def _found(self, kind: Kind, seq: int, what: str) -> Finding:
        return Finding(kind=kind, subject=self.subject, seq=seq, text=f"Audit of {self.subject}: {what}.")


def rows_are(first: int, last: int) -> str:
    """The beginning of a sentence."""
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
