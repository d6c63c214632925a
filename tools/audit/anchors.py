"""Anchors: on a schedule, all heads that advanced are put under one MAC, so that cutting off rows shows.

Each anchor is also a line of JSON in a file outside the database, out of reach of whoever can change only the database."""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from tools.audit.chain import Anchor, HeadSnapshot, get_chain_key, seal_anchor
from tools.audit.models import AnchoredHead, AuditAnchor, AuditHead

log = logging.getLogger(__name__)

ANCHOR_SECONDS = 300.0  # seconds
ANCHOR_COLUMNS = ("seq", "at", "rows", "key", "previous", "mac")
HEADS_PER_INSERT = 1_000  # in one statement


async def anchor_periodically(file: Path, every_seconds: float = ANCHOR_SECONDS) -> None:
    """Anchor again and again; for ever."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await sync_to_async(create_anchor)(file)
        except Exception:
            # The window that is not anchored only grows meanwhile, and verify_audit tells how large it is.
            log.exception("the audit could not be anchored")


def create_anchor(file: Path) -> Anchor | None:
    """Make an anchor; None where nothing has happened since the last, or another machine has just made this one.

    Afterwards the file has a line for every anchor: also where a process died between the commit and the line.
    """
    with lock_file(file) as lines:
        made = _create_next_anchor()
        append_lines(lines, _iter_lines_after(after=trim_partial_line(lines)))
    return made


def iter_anchors() -> Iterator[Anchor]:
    """All there are, in order."""
    for each in AuditAnchor.objects.order_by("seq").values(*ANCHOR_COLUMNS).iterator():
        yield Anchor(**each)


def _iter_lines_after(*, after: int) -> Iterator[str]:
    for each in AuditAnchor.objects.filter(seq__gt=after).order_by("seq").values(*ANCHOR_COLUMNS):
        yield Anchor(**each).to_line()


def _create_next_anchor() -> Anchor | None:
    last = AuditAnchor.objects.order_by("-seq").values("seq", "rows", "mac").first()
    seq, rows, previous = (last["seq"], last["rows"], last["mac"]) if last else (0, 0, "")
    moved = _load_advanced_heads()  # outside the transaction: on SQLite nobody could write meanwhile
    if not moved:
        return None
    marks, key = [mark for mark, _ in moved], get_chain_key()
    now = datetime.now(UTC)
    total = rows + sum(mark.seq - before for mark, before in moved)
    seal = seal_anchor(Anchor(seq=seq + 1, at=now, rows=total, key=key.name, previous=previous, mac=""), marks, key)
    try:
        with transaction.atomic():
            _store_anchor(seal, marks)
    except IntegrityError:
        if not AuditAnchor.objects.filter(seq=seal.seq).exists():
            raise
        return None
    return seal


def _load_advanced_heads() -> list[tuple[HeadSnapshot, int]]:
    """Heads beyond where they were anchored, and where that was; of one moment, as it is one statement."""
    former = AnchoredHead.objects.filter(subject=OuterRef("subject")).order_by("-seq").values("seq")[:1]
    heads = AuditHead.objects.annotate(before=Coalesce(Subquery(former), 0)).filter(seq__gt=F("before"))
    found = heads.order_by("subject").values_list("subject", "seq", "mac", "before")
    return [(HeadSnapshot(subject=subject, seq=seq, mac=mac), before) for subject, seq, mac, before in found]


def _store_anchor(seal: Anchor, marks: list[HeadSnapshot]) -> None:
    values = {name: getattr(seal, name) for name in ANCHOR_COLUMNS}
    AuditAnchor.objects.bulk_create([AuditAnchor(**values)])
    heads = [AnchoredHead(anchor_id=seal.seq, subject=each.subject, seq=each.seq, mac=each.mac) for each in marks]
    AnchoredHead.objects.bulk_create(heads, batch_size=HEADS_PER_INSERT)


ANCHOR_FILE_NAME = "audit-anchors.jsonl"
"""In the data folder."""


@contextmanager
def lock_file(path: Path) -> Iterator[IO[bytes]]:
    """The file (made if need be), for this process alone: nobody reads it between a commit and its line."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield file


@contextmanager
def read_lines(path: Path) -> Iterator[Iterator[str]]:
    """Its lines; while they are read, no anchor is made on this machine. A file that is not there has none."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        yield iter(())
        return
    with file:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH)
        yield iter(file)


def trim_partial_line(file: IO[bytes]) -> int:
    """How many whole lines there are. A last one that a crash cut in two is taken away, to be written anew."""
    file.seek(0)
    lines, end = 0, 0
    for line in file:
        if line.endswith(b"\n"):
            lines, end = lines + 1, end + len(line)
    file.truncate(end)
    return lines


def append_lines(file: IO[bytes], lines: Iterable[str]) -> None:
    """At its end, and safely on the disk."""
    file.seek(0, os.SEEK_END)
    for line in lines:
        file.write(f"{line}\n".encode())
    file.flush()
    os.fsync(file.fileno())
