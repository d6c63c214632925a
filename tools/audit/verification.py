"""Checks everything that is kept of the audit. Beside servers at work: what is added meanwhile is left for the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Exists, Max, Min, OuterRef

from tools.audit.anchorchain import AnchorCheck
from tools.audit.anchorfile import read
from tools.audit.anchors import seals
from tools.audit.chain import ChainCheck, Window, rows_are
from tools.audit.finding import Finding
from tools.audit.keys import ChainKey, known_keys
from tools.audit.link import COLUMNS, Link
from tools.audit.models import AnchoredHead, AuditHead, AuditRow
from tools.audit.pages import in_order
from tools.audit.seal import Mark, Seal
from tools.audit.sorted import Sorted

CHAINS = 500  # whose heads are read at once
MARKS = ("subject", "seq", "mac")


@dataclass(slots=True)
class Verification:
    """One pass over all there is; its counts are whole when the findings have been gone through."""

    file: Path
    anchors: int = 0
    chains: int = 0
    rows: int = 0
    window: Window = field(default_factory=Window)
    _keys: dict[str, ChainKey] = field(default_factory=known_keys)
    _upto: int = 0

    def findings(self) -> Iterator[Finding]:
        yield from self._of_anchors()
        after = ""
        while heads := _heads(after):
            yield from self._of_chains(heads)
            after = next(reversed(heads))
        yield from self._of_headless()
        yield from _beyond_heads()

    def _of_anchors(self) -> Iterator[Finding]:
        with read(self.file) as lines:
            check = AnchorCheck(self._keys)
            yield from check.findings(_marked(), lines)
        self.anchors = check.checked
        self._upto = check.upto

    def _of_chains(self, heads: Mapping[str, Mark | None]) -> Iterator[Finding]:
        rows = AuditRow.objects.filter(subject__in=list(heads))
        marks = AnchoredHead.objects.filter(subject__in=list(heads), anchor_id__lte=self._upto)
        links = Sorted(Link(**each) for each in in_order(rows, COLUMNS))
        marked = Sorted(Mark(**each) for each in in_order(marks, MARKS))
        for subject, head in heads.items():
            check = ChainCheck(subject, head, marked.of(subject), self._keys)
            # What is beyond the head may have been added since it was read.
            yield from check.findings(each for each in links.of(subject) if head is None or each.seq <= head.seq)
            self.chains += 1
            self.rows += check.checked
            self.window.add(check.window)

    def _of_headless(self) -> Iterator[Finding]:
        """Of whom there is something, and no head: it was taken away, as a head is made before all else."""
        after = ""
        while subjects := _headless(after):
            yield from self._of_chains(dict.fromkeys(subjects))
            after = subjects[-1]


def _heads(after: str) -> dict[str, Mark | None]:
    found = AuditHead.objects.filter(subject__gt=after).order_by("subject").values(*MARKS)[:CHAINS]
    return {each["subject"]: Mark(**each) for each in found}


def _headless(after: str) -> list[str]:
    known = Exists(AuditHead.objects.filter(subject=OuterRef("subject")))
    rows, marks = (
        model.objects.filter(~known, subject__gt=after).values_list("subject", flat=True)
        for model in (AuditRow, AnchoredHead)
    )
    return list(rows.union(marks).order_by("subject")[:CHAINS])


def _beyond_heads() -> Iterator[Finding]:
    """One statement, which sees rows and heads as they were at one moment."""
    behind = Exists(AuditHead.objects.filter(subject=OuterRef("subject"), seq__lt=OuterRef("seq")))
    found = AuditRow.objects.filter(behind).values("subject").annotate(first=Min("seq"), last=Max("seq"))
    for each in found.order_by("subject").iterator():
        text = f"Audit of {each['subject']}: {rows_are(each['first'], each['last'])} beyond its head."
        yield Finding(kind="head", subject=each["subject"], seq=each["first"], text=text)


def _marked() -> Iterator[tuple[Seal, Iterator[Mark]]]:
    for seal in seals():
        heads = AnchoredHead.objects.filter(anchor_id=seal.seq).order_by("subject").values(*MARKS)
        yield seal, (Mark(**each) for each in heads.iterator())
