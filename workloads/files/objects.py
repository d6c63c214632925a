"""The objects of logs: their keys, the parts of an upload, and the answers that are shared by all machines."""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import close_old_connections

from core.exceptions import BadInput, OperatorError, StoreUnavailable
from core.i18n.text import text
from core.objects.store import ObjectStore, convert_store_errors
from workloads.files.base import StoredPart
from workloads.models import Upload, Workload
from workloads.upload_parts import build_excess_error

log = logging.getLogger(__name__)

PARTS, LOG_NAME, ANSWERS = "parts", "log.duckdb", "answers"
MAX_PARTS = 2_000
"""Of one upload, each with an object and an entry in its row. The page sends 8 MiB at once."""
MIN_FETCH_SECONDS, BYTES_PER_SECOND = 60, 1_000_000
"""How long a file may take to arrive: that long, and longer for a large one."""


def get_log_key(row: Workload | Upload) -> str:
    """Return the prefix of all objects of a log or an upload, which have the same id."""
    return f"{row.owner_id}/{row.id}"


def get_attempt_key(workload: Workload, attempt: int) -> str:
    """Return the prefix of what an attempt made of a log."""
    return f"{get_log_key(workload)}/{attempt}"


@dataclass(slots=True)
class ObjectPart:
    """The next part of an upload, which becomes an object of its own: any server may take the one after it."""

    store: ObjectStore
    prefix: str
    key: str = ""

    def get_size(self, upload: Upload) -> int:
        return int(upload.offset)

    def write(self, upload: Upload, chunks: Iterable[bytes]) -> tuple[int, tuple[StoredPart, ...]]:
        if len(upload.parts or ()) >= MAX_PARTS:
            raise BadInput(text("This upload has too many small parts. Upload the file again in larger parts."))
        content = _collect(chunks, upload.size - upload.offset)
        if not content:
            return 0, ()
        name = name_part(upload.offset)
        self.key = f"{self.prefix}/{PARTS}/{name}"
        with convert_store_errors(
            away=text(
                "The file store cannot be reached. This part was not saved; your upload so far is. Try again in a few "
                "minutes."
            ),
            full=text(
                "There is no space left in the file store. This part was not saved; your upload so far is. Try again "
                "later."
            ),
        ):
            close_old_connections()  # for others, while the store may be slow
            self.store.put_bytes(self.key, content)
        return len(content), (describe_part(name, content),)

    def discard(self) -> None:
        if self.key:
            delete_quietly(self.store, [self.key])


@dataclass(slots=True)
class ObjectAnswers:
    """Answers about one read log. A store that was away once is not asked again: an answer is quickly computed."""

    store: ObjectStore
    prefix: str
    _is_away: bool = field(default=False, init=False)

    def get(self, name: str) -> bytes | None:
        if self._is_away:
            return None
        try:
            return self.store.get_bytes(f"{self.prefix}/{name}")
        except OperatorError:
            self._is_away = True
            return None

    def put(self, name: str, content: bytes) -> None:
        if self._is_away:
            return
        try:
            self.store.put_bytes(f"{self.prefix}/{name}", content)
        except OperatorError:
            self._is_away = True


def _collect(chunks: Iterable[bytes], most: int) -> bytes:
    """Return a part's bytes, which are few: the caller refuses a part that is too large (uploads.PART_BYTES)."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > most:
            raise build_excess_error()
    return bytes(content)


def name_part(offset: int) -> str:
    """Return a name that no other part has: not even one at the same offset, which another server may be storing."""
    return f"{offset:015d}-{secrets.token_hex(8)}"


def describe_part(name: str, content: bytes) -> StoredPart:
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def compute_fetch_seconds(size: int) -> float:
    return MIN_FETCH_SECONDS + size / BYTES_PER_SECOND


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_digest(key: str, digest: str, expected: str) -> None:
    if digest != expected:
        log.error("the file store returned other bytes than were stored: %s", key)
        raise StoreUnavailable(text("The file store returned a damaged file. Try again in a few minutes."))


def delete_quietly(store: ObjectStore, keys: Sequence[str]) -> None:
    """Delete objects that no row names. If that fails, they are removed with other orphans later."""
    try:
        store.delete(keys)
    except OperatorError:
        log.warning("objects without a row that are deleted later: %d", len(keys))
