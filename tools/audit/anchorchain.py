"""Are the anchors as they were made, in the database and in the file? Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tools.audit.finding import Finding, Kind
from tools.audit.keys import ChainKey
from tools.audit.seal import Mark, Seal


@dataclass(slots=True)
class AnchorCheck:
    """One pass over all anchors and over the lines of the file, both in order; `checked` counts the
    anchors, `upto` is the last one's number."""

    keys: Mapping[str, ChainKey]
    checked: int = 0
    upto: int = 0
    _mac: str = ""

    def findings(self, anchors: Iterable[tuple[Seal, Iterable[Mark]]], lines: Iterable[str]) -> Iterator[Finding]:
        kept = enumerate(lines, start=1)
        for seal, marks in anchors:
            yield from self._anchor(seal, marks)
            # The line of that number: one that is missing in the database shall not shift the rest.
            yield from self._in_file(seal, next((line for number, line in kept if number >= seal.seq), None))
            self.upto, self._mac = seal.seq, seal.mac
            self.checked += 1
        surplus = sum(1 for _ in kept)
        if surplus:
            text = f"The file of anchors has {surplus} more than the database: the last ones were cut off there"
            yield _found("truncated", self.upto, text)

    def _anchor(self, seal: Seal, marks: Iterable[Mark]) -> Iterator[Finding]:
        if seal.seq != self.upto + 1:
            yield _found("missing", seal.seq, f"Anchor {seal.seq} comes after anchor {self.upto}")
        elif seal.previous != self._mac:
            yield _found("order", seal.seq, f"Anchor {seal.seq} was not made after the one that is before it now")
        key = self.keys.get(seal.key)
        if key is None:
            yield _found("key", seal.seq, f"Anchor {seal.seq} names a key that is not known here ({seal.key[:8]!r})")
        elif seal.mac_with(marks, key) != seal.mac:
            yield _found("anchor", seal.seq, f"Anchor {seal.seq} or its heads are not what was anchored")

    def _in_file(self, seal: Seal, line: str | None) -> Iterator[Finding]:
        if line is None:
            yield _found("file", seal.seq, f"Anchor {seal.seq} is not in the file of anchors")
        elif line.rstrip("\n") != seal.line():
            yield _found("file", seal.seq, f"Anchor {seal.seq} is another one in the file of anchors")


def _found(kind: Kind, seq: int, text: str) -> Finding:
    return Finding(kind=kind, seq=seq, text=f"{text}.")
