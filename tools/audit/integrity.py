"""Checks of chains and anchors against what was written. No database access: rows may come from anywhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.i18n.text import plural_text
from tools.audit.chain import Anchor, ChainKey, ChainLink, HeadSnapshot, compute_link_mac

AuditFindingKind = Literal["changed", "missing", "order", "truncated", "head", "key", "anchor", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A difference between the audit and what was written. `text` is a sentence for an operator.

    `subject` names the chain, and is empty if it is about all. `seq` is the number of a row or an anchor.
    """

    kind: AuditFindingKind
    text: str
    subject: str = ""
    seq: int | None = None


@dataclass(slots=True)
class UnanchoredRows:
    """The rows that no anchor covers yet. Only these can be cut off without being missed."""

    rows: int = 0
    since: datetime | None = None

    def add(self, other: "UnanchoredRows") -> None:
        self.rows += other.rows
        if other.since is not None:
            self.since = other.since if self.since is None else min(self.since, other.since)


@dataclass(slots=True)
class ChainCheck:
    """One pass over one chain, in constant memory: over its rows and its anchored heads, by number.

    `head` is None if the subject's head is gone. `row_count` and `unanchored_rows` are complete after the pass.
    """

    subject: str
    head: HeadSnapshot | None
    anchored_heads: Iterator[HeadSnapshot]
    keys: Mapping[str, ChainKey]
    row_count: int = 0
    unanchored_rows: UnanchoredRows = field(default_factory=UnanchoredRows)
    _seq: int = 0
    _mac: str = ""
    _next_anchored: HeadSnapshot | None = None

    def iter_findings(self, links: Iterable[ChainLink]) -> Iterator[AuditFinding]:
        self._next_anchored = next(self.anchored_heads, None)
        for link in links:
            yield from self._check_row(link)
            yield from self._check_anchored(link)
            self._seq, self._mac = link.seq, link.mac
            self.row_count += 1
        yield from self._check_end()

    def _check_row(self, link: ChainLink) -> Iterator[AuditFinding]:
        if link.seq > self._seq + 1:
            yield self._build_finding(
                "missing", self._seq + 1, f"{format_row_range(self._seq + 1, link.seq - 1)} missing"
            )
        elif link.seq <= self._seq:
            yield self._build_finding("order", link.seq, f"row {link.seq} follows row {self._seq}")
        elif link.previous != self._mac:
            yield self._build_finding("order", link.seq, f"row {link.seq} does not continue the row before it")
        key = self.keys.get(link.key)
        if key is None:
            yield self._build_finding(
                "key", link.seq, f"row {link.seq} was signed with an unknown key ({link.key[:8]!r})"
            )
        elif compute_link_mac(link, key) != link.mac:
            yield self._build_finding("changed", link.seq, f"row {link.seq} was changed")

    def _check_anchored(self, link: ChainLink) -> Iterator[AuditFinding]:
        self.unanchored_rows.add(UnanchoredRows(1, link.at))
        while self._next_anchored is not None and self._next_anchored.seq <= link.seq:
            if self._next_anchored.seq == link.seq and self._next_anchored.mac != link.mac:
                yield self._build_finding("changed", link.seq, f"row {link.seq} differs from the anchored row")
            self.unanchored_rows = UnanchoredRows()
            self._next_anchored = next(self.anchored_heads, None)

    def _check_end(self) -> Iterator[AuditFinding]:
        last = self._next_anchored
        while self._next_anchored is not None:
            last, self._next_anchored = self._next_anchored, next(self.anchored_heads, None)
        if last is not None:
            yield self._build_finding(
                "truncated", last.seq, f"{format_row_range(self._seq + 1, last.seq)} missing, although anchored"
            )
        if self.head is None:
            yield self._build_finding("head", self._seq, "its head is missing")
        elif (self.head.seq, self.head.mac) != (self._seq, self._mac):
            yield self._build_finding(
                "head", self.head.seq, f"its head names row {self.head.seq}, but the last row is {self._seq}"
            )

    def _build_finding(self, kind: AuditFindingKind, seq: int, what: str) -> AuditFinding:
        return AuditFinding(kind=kind, subject=self.subject, seq=seq, text=f"Audit of {self.subject}: {what}.")


def format_row_range(first: int, last: int) -> str:
    """Return the beginning of a sentence about these rows."""
    return f"row {first} is" if first == last else f"rows {first} to {last} are"


@dataclass(slots=True)
class AnchorCheck:
    """One pass over all anchors and the lines of the file, both in order. `last_seq` numbers the last anchor."""

    keys: Mapping[str, ChainKey]
    anchor_count: int = 0
    last_seq: int = 0
    _mac: str = ""

    def iter_findings(
        self, anchors: Iterable[tuple[Anchor, Iterable[HeadSnapshot]]], lines: Iterable[str]
    ) -> Iterator[AuditFinding]:
        numbered = enumerate(lines, start=1)
        for anchor, heads in anchors:
            yield from self._check_anchor(anchor, heads)
            # By its number, so that an anchor that is missing in the database does not shift the rest.
            yield from self._check_line(anchor, next((line for number, line in numbered if number >= anchor.seq), None))
            self.last_seq, self._mac = anchor.seq, anchor.mac
            self.anchor_count += 1
        surplus = sum(1 for _ in numbered)
        if surplus:
            surplus_lines = plural_text(
                "The anchor file has {n:,} line more than the database has anchors: the last one was deleted there",
                "The anchor file has {n:,} lines more than the database has anchors: the last ones were deleted there",
                n=surplus,
            )
            yield _build_anchor_finding("truncated", self.last_seq, surplus_lines)

    def _check_anchor(self, anchor: Anchor, heads: Iterable[HeadSnapshot]) -> Iterator[AuditFinding]:
        if anchor.seq != self.last_seq + 1:
            yield _build_anchor_finding("missing", anchor.seq, f"Anchor {anchor.seq} follows anchor {self.last_seq}")
        elif anchor.previous != self._mac:
            yield _build_anchor_finding(
                "order", anchor.seq, f"Anchor {anchor.seq} does not continue the anchor before it"
            )
        key = self.keys.get(anchor.key)
        if key is None:
            yield _build_anchor_finding(
                "key", anchor.seq, f"Anchor {anchor.seq} was signed with an unknown key ({anchor.key[:8]!r})"
            )
        elif anchor.compute_mac(heads, key) != anchor.mac:
            yield _build_anchor_finding("anchor", anchor.seq, f"Anchor {anchor.seq} or its heads were changed")

    def _check_line(self, anchor: Anchor, line: str | None) -> Iterator[AuditFinding]:
        if line is None:
            yield _build_anchor_finding("file", anchor.seq, f"Anchor {anchor.seq} is missing from the anchor file")
        elif line.rstrip("\n") != anchor.to_line():
            yield _build_anchor_finding(
                "file", anchor.seq, f"Anchor {anchor.seq} differs from its line in the anchor file"
            )


def _build_anchor_finding(kind: AuditFindingKind, seq: int, text: str) -> AuditFinding:
    return AuditFinding(kind=kind, seq=seq, text=f"{text}.")
