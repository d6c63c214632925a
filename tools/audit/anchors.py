"""Anchors: on a schedule, all heads that advanced are put under one MAC, so that cut-off rows are detected.

Each anchor is also a line of JSON in a file, which somebody who can change only the database cannot change."""

import asyncio
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.job import Job
from core.jobs.kinds import JobKind
from tools.audit.chain import Anchor, HeadSnapshot, get_chain_key, seal_anchor
from tools.audit.models import AnchoredHead, AuditAnchor, AuditHead

ANCHOR = "anchor"
ANCHOR_INTERVAL = timedelta(minutes=5)
ANCHOR_FILE_NAME = "audit-anchors.jsonl"  # in the data folder
ANCHOR_COLUMNS = ("seq", "at", "rows", "key", "previous", "mac")
HEADS_PER_INSERT = 1_000


def build_anchor_kind(file: Path, database: DatabaseExecutor) -> JobKind:
    """Return the kind of job that creates an anchor every few minutes. If it fails, the rows stay without an anchor
    until the next time; verify_audit reports how many."""

    async def anchor(job: Job, aborted: asyncio.Event) -> None:
        await database.run(ANCHOR, create_anchor, file)

    return JobKind(name=ANCHOR, handle=anchor, seconds=600, every=ANCHOR_INTERVAL)


def create_anchor(file: Path) -> Anchor | None:
    """Create an anchor. Return None if there is nothing new, or another machine has just created the same one.

    Afterwards the file has a line for every anchor, even if a process died between the commit and its line.
    """
    with lock_file(file) as locked:
        anchor = _create_next_anchor()
        append_lines(locked, _iter_lines_after(trim_partial_line(locked)))
    return anchor


def iter_anchors(upto: int | None = None) -> Iterator[Anchor]:
    """Yield all anchors in order, or those up to a number."""
    anchors = AuditAnchor.objects.all() if upto is None else AuditAnchor.objects.filter(seq__lte=upto)
    for row in anchors.order_by("seq").values(*ANCHOR_COLUMNS).iterator():
        yield Anchor(**row)


def _iter_lines_after(seq: int) -> Iterator[str]:
    for row in AuditAnchor.objects.filter(seq__gt=seq).order_by("seq").values(*ANCHOR_COLUMNS):
        yield Anchor(**row).to_line()


def _create_next_anchor() -> Anchor | None:
    last = AuditAnchor.objects.order_by("-seq").values("seq", "rows", "mac").first()
    seq, rows, previous = (last["seq"], last["rows"], last["mac"]) if last else (0, 0, "")
    advanced = _load_advanced_heads()  # outside the transaction: on SQLite nobody could write meanwhile
    if not advanced:
        return None
    heads, key = [head for head, _ in advanced], get_chain_key()
    now = datetime.now(UTC)
    total = rows + sum(head.seq - before for head, before in advanced)
    anchor = seal_anchor(Anchor(seq=seq + 1, at=now, rows=total, key=key.name, previous=previous, mac=""), heads, key)
    try:
        with transaction.atomic():
            _store_anchor(anchor, heads)
    except IntegrityError:
        if not AuditAnchor.objects.filter(seq=anchor.seq).exists():
            raise
        return None
    return anchor


def _load_advanced_heads() -> list[tuple[HeadSnapshot, int]]:
    """Return the heads that advanced since their last anchor, with their numbers there; in one statement."""
    former = AnchoredHead.objects.filter(subject=OuterRef("subject")).order_by("-seq").values("seq")[:1]
    heads = AuditHead.objects.annotate(before=Coalesce(Subquery(former), 0)).filter(seq__gt=F("before"))
    found = heads.order_by("subject").values_list("subject", "seq", "mac", "before")
    return [(HeadSnapshot(subject=subject, seq=seq, mac=mac), before) for subject, seq, mac, before in found]


def _store_anchor(anchor: Anchor, heads: list[HeadSnapshot]) -> None:
    values = {name: getattr(anchor, name) for name in ANCHOR_COLUMNS}
    AuditAnchor.objects.bulk_create([AuditAnchor(**values)])
    rows = [AnchoredHead(anchor_id=anchor.seq, subject=head.subject, seq=head.seq, mac=head.mac) for head in heads]
    AnchoredHead.objects.bulk_create(rows, batch_size=HEADS_PER_INSERT)


@contextmanager
def lock_file(path: Path) -> Iterator[IO[bytes]]:
    """Open the file, created if missing, with an exclusive lock: nobody reads it between a commit and its line."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield file


@contextmanager
def read_lines(path: Path) -> Iterator[Iterator[str] | None]:
    """Yield the lines of the file, and let no anchor be created here while they are read; None if it is missing."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        yield None
        return
    with file:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH)
        yield iter(file)


def trim_partial_line(file: IO[bytes]) -> int:
    """Remove a last line that a crash cut in two, and return the number of complete lines."""
    file.seek(0)
    lines, end = 0, 0
    for line in file:
        if line.endswith(b"\n"):
            lines, end = lines + 1, end + len(line)
    file.truncate(end)
    return lines


def append_lines(file: IO[bytes], lines: Iterable[str]) -> None:
    """Append lines, and wait until they are on the disk."""
    file.seek(0, os.SEEK_END)
    for line in lines:
        file.write(f"{line}\n".encode())
    file.flush()
    os.fsync(file.fileno())
