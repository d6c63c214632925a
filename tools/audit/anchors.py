"""All heads that moved on are anchored together, on a schedule: from then on nobody cuts rows off unseen."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from tools.audit.anchorfile import add, held, kept
from tools.audit.keys import chain_key
from tools.audit.models import AnchoredHead, AuditAnchor, AuditHead
from tools.audit.seal import Mark, Seal, sealed

log = logging.getLogger(__name__)

EVERY = 300.0  # seconds
SEALS = ("seq", "at", "rows", "key", "previous", "mac")
ROWS = 1_000  # in one statement


async def anchoring(file: Path, every_seconds: float = EVERY) -> None:
    """Anchor again and again; for ever."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await sync_to_async(anchor)(file)
        except Exception:
            # The window that is not anchored only grows meanwhile, and verify_audit tells how large it is.
            log.exception("the audit could not be anchored")


def anchor(file: Path) -> Seal | None:
    """Make an anchor; None where nothing has happened since the last, or another machine has just made this one.

    Afterwards the file has a line for every anchor: also where a process died between the commit and the line.
    """
    with held(file) as lines:
        made = _anchored()
        add(lines, _lines(after=kept(lines)))
    return made


def seals() -> Iterator[Seal]:
    """All there are, in order."""
    for each in AuditAnchor.objects.order_by("seq").values(*SEALS).iterator():
        yield Seal(**each)


def _lines(*, after: int) -> Iterator[str]:
    for each in AuditAnchor.objects.filter(seq__gt=after).order_by("seq").values(*SEALS):
        yield Seal(**each).line()


def _anchored() -> Seal | None:
    last = AuditAnchor.objects.order_by("-seq").values("seq", "rows", "mac").first()
    seq, rows, previous = (last["seq"], last["rows"], last["mac"]) if last else (0, 0, "")
    moved = _moved()  # outside the transaction: on SQLite nobody could write meanwhile
    if not moved:
        return None
    marks, key = [mark for mark, _ in moved], chain_key()
    now = datetime.now(UTC)
    total = rows + sum(mark.seq - before for mark, before in moved)
    seal = sealed(Seal(seq=seq + 1, at=now, rows=total, key=key.name, previous=previous, mac=""), marks, key)
    try:
        with transaction.atomic():
            _store(seal, marks)
    except IntegrityError:
        if not AuditAnchor.objects.filter(seq=seal.seq).exists():
            raise
        return None
    return seal


def _moved() -> list[tuple[Mark, int]]:
    """Heads beyond where they were anchored, and where that was; of one moment, as it is one statement."""
    former = AnchoredHead.objects.filter(subject=OuterRef("subject")).order_by("-seq").values("seq")[:1]
    heads = AuditHead.objects.annotate(before=Coalesce(Subquery(former), 0)).filter(seq__gt=F("before"))
    found = heads.order_by("subject").values_list("subject", "seq", "mac", "before")
    return [(Mark(subject=subject, seq=seq, mac=mac), before) for subject, seq, mac, before in found]


def _store(seal: Seal, marks: list[Mark]) -> None:
    values = {name: getattr(seal, name) for name in SEALS}
    AuditAnchor.objects.bulk_create([AuditAnchor(**values)])
    heads = [AnchoredHead(anchor_id=seal.seq, subject=each.subject, seq=each.seq, mac=each.mac) for each in marks]
    AnchoredHead.objects.bulk_create(heads, batch_size=ROWS)
