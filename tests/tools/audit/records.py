"""A small audit in memory, as somebody who owns the database could change it: they have all rows and no key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tools.audit.chain import Anchor, ChainKey, ChainLink, HeadSnapshot, seal_link
from tools.audit.chain import seal_anchor as anchored
from tools.audit.integrity import AnchorCheck, AuditFinding, ChainCheck

KEY = ChainKey(b"a key outside the database", "0a1b2c3d")
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Records:
    """Rows by subject, heads, anchors with their marks; and the file, which is elsewhere."""

    chains: dict[str, list[ChainLink]] = field(default_factory=dict)
    heads: dict[str, HeadSnapshot] = field(default_factory=dict)
    anchors: list[tuple[Anchor, list[HeadSnapshot]]] = field(default_factory=list)
    file: tuple[str, ...] = ()

    def copy_to_change(self) -> "Records":
        """A copy to change."""
        chains = {subject: list(links) for subject, links in self.chains.items()}
        return Records(chains, dict(self.heads), [(seal, list(marks)) for seal, marks in self.anchors], self.file)

    def append(self, subject: str) -> None:
        links = self.chains.setdefault(subject, [])
        links.append(build_link(subject, len(links) + 1, links[-1].mac if links else ""))
        self.heads[subject] = HeadSnapshot(subject=subject, seq=len(links), mac=links[-1].mac)

    def anchor(self) -> None:
        former = {mark.subject: mark.seq for _, marks in self.anchors for mark in marks}
        moved = [head for _, head in sorted(self.heads.items()) if head.seq > former.get(head.subject, 0)]
        seq, previous = len(self.anchors) + 1, self.anchors[-1][0].mac if self.anchors else ""
        rows = sum(head.seq for head in self.heads.values())
        seal = Anchor(seq=seq, at=BEGUN, rows=rows, key=KEY.name, previous=previous, mac="")
        self.anchors.append((anchored(seal, moved, KEY), moved))
        self.file = (*self.file, self.anchors[-1][0].to_line())

    def last_anchored(self, subject: str) -> int:
        return max((mark.seq for _, marks in self.anchors for mark in marks if mark.subject == subject), default=0)

    def findings(self) -> Iterator[AuditFinding]:
        """As the command goes through a database."""
        keys = {KEY.name: KEY}
        yield from AnchorCheck(keys).iter_findings(self.anchors, self.file)
        marks = [mark for _, some in self.anchors for mark in some]
        subjects = self.heads.keys() | self.chains.keys() | {mark.subject for mark in marks}
        for subject in sorted(subjects):
            theirs = sorted((mark for mark in marks if mark.subject == subject), key=lambda mark: mark.seq)
            links = sorted(self.chains.get(subject, ()), key=lambda link: link.seq)
            yield from ChainCheck(subject, self.heads.get(subject), iter(theirs), keys).iter_findings(links)


def build_link(subject: str, seq: int, previous: str) -> ChainLink:
    link = ChainLink(
        subject=subject,
        seq=seq,
        actor="",
        run=f"{seq // 3:032x}",
        agent="data",
        tool=("profile_workload", "estimate_lever")[seq % 2],
        arguments=f"{seq:064x}",
        result=f"{seq + 1:064x}",
        rule="plan free",
        rule_version=seq // 2,
        outcome=("ok", "refused")[seq % 2],
        code="",
        duration_ms=seq / 8,
        cost=Decimal("0.00200000"),
        at=BEGUN + timedelta(seconds=seq),
        key=KEY.name,
        previous=previous,
        mac="",
    )
    return seal_link(link, KEY)


def small() -> Records:
    """Two chains of seven rows; five of each are anchored, by three anchors."""
    records = Records()
    for turn in range(7):
        for number in (1, 2):
            records.append(UUID(int=number).hex)
        if turn in (1, 3, 4):
            records.anchor()
    return records
