"""Verification of the whole audit beside running servers; rows added meanwhile are checked by the next one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Exists, Max, Min, OuterRef

from tools.audit.anchors import iter_anchors, read_lines
from tools.audit.chain import LINK_COLUMNS, Anchor, ChainKey, ChainLink, HeadSnapshot, get_known_keys
from tools.audit.integrity import AnchorCheck, AuditFinding, ChainCheck, UnanchoredRows, format_row_range
from tools.audit.models import AnchoredHead, AuditAnchor, AuditHead, AuditRow
from tools.audit.queries import SubjectStream, iter_in_order

CHAINS_PER_PAGE = 500  # heads that are read at once
HEAD_COLUMNS = ("subject", "seq", "mac")


@dataclass(slots=True)
class Verification:
    """One pass over the whole audit. Its counts are complete after the last finding."""

    file: Path
    anchors: int = 0
    chains: int = 0
    rows: int = 0
    unanchored_rows: UnanchoredRows = field(default_factory=UnanchoredRows)
    _keys: dict[str, ChainKey] = field(default_factory=get_known_keys)
    _last_anchor_seq: int = 0

    def iter_findings(self) -> Iterator[AuditFinding]:
        yield from self._check_anchors()
        after = ""
        while heads := _load_heads(after):
            yield from self._check_chains(heads)
            after = next(reversed(heads))
        yield from self._check_headless_chains()
        yield from _find_rows_beyond_heads()

    def _check_anchors(self) -> Iterator[AuditFinding]:
        known = AuditAnchor.objects.aggregate(last=Max("seq"))["last"] or 0
        with read_lines(self.file) as lines:
            check = AnchorCheck(self._keys)
            # An anchor is stored when its file is there. Without a file, those that were stored since don't count.
            anchors = _iter_anchors_with_heads(known if lines is None else None)
            yield from check.iter_findings(anchors, iter(()) if lines is None else lines)
        self.anchors = check.anchor_count
        self._last_anchor_seq = check.last_seq

    def _check_chains(self, heads: Mapping[str, HeadSnapshot | None]) -> Iterator[AuditFinding]:
        rows = AuditRow.objects.filter(subject__in=list(heads))
        anchored = AnchoredHead.objects.filter(subject__in=list(heads), anchor_id__lte=self._last_anchor_seq)
        links = SubjectStream(ChainLink(**row) for row in iter_in_order(rows, LINK_COLUMNS))
        anchored_heads = SubjectStream(HeadSnapshot(**row) for row in iter_in_order(anchored, HEAD_COLUMNS))
        for subject, head in heads.items():
            check = ChainCheck(subject, head, anchored_heads.take_subject(subject), self._keys)
            # Rows beyond the head may have been added since it was read.
            yield from check.iter_findings(
                link for link in links.take_subject(subject) if head is None or link.seq <= head.seq
            )
            self.chains += 1
            self.rows += check.row_count
            self.unanchored_rows.add(check.unanchored_rows)

    def _check_headless_chains(self) -> Iterator[AuditFinding]:
        """Check the chains without a head. It was removed, as a head is created before all else."""
        after = ""
        while subjects := _load_headless_subjects(after):
            yield from self._check_chains(dict.fromkeys(subjects))
            after = subjects[-1]


def _load_heads(after: str) -> dict[str, HeadSnapshot | None]:
    found = AuditHead.objects.filter(subject__gt=after).order_by("subject").values(*HEAD_COLUMNS)[:CHAINS_PER_PAGE]
    return {row["subject"]: HeadSnapshot(**row) for row in found}


def _load_headless_subjects(after: str) -> list[str]:
    known = Exists(AuditHead.objects.filter(subject=OuterRef("subject")))
    rows, anchored = (
        model.objects.filter(~known, subject__gt=after).values_list("subject", flat=True)
        for model in (AuditRow, AnchoredHead)
    )
    return list(rows.union(anchored).order_by("subject")[:CHAINS_PER_PAGE])


def _find_rows_beyond_heads() -> Iterator[AuditFinding]:
    """Find rows that no head covers. One statement, which sees rows and heads as they were at one moment."""
    behind = Exists(AuditHead.objects.filter(subject=OuterRef("subject"), seq__lt=OuterRef("seq")))
    found = AuditRow.objects.filter(behind).values("subject").annotate(first=Min("seq"), last=Max("seq"))
    for row in found.order_by("subject").iterator():
        text = f"Audit of {row['subject']}: {format_row_range(row['first'], row['last'])} after its head."
        yield AuditFinding(kind="head", subject=row["subject"], seq=row["first"], text=text)


def _iter_anchors_with_heads(upto: int | None) -> Iterator[tuple[Anchor, Iterator[HeadSnapshot]]]:
    for anchor in iter_anchors(upto):
        heads = AnchoredHead.objects.filter(anchor_id=anchor.seq).order_by("subject").values(*HEAD_COLUMNS)
        yield anchor, (HeadSnapshot(**row) for row in heads.iterator())
