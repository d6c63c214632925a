"""The operations on the files of logs, wherever they are, and the values that describe them.

Child processes get local paths only. Paths and keys are made of ids: a user's, a log's and an attempt's."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from workloads.analysis.answers import SharedAnswers
from workloads.models import Upload, Workload

StoredImport = Mapping[str, Any]
"""The read log of an attempt in the object store, as `Workload.imported` has it: `attempt`, `sha256`, `size` and
`answers_size` in bytes, `mtime_ns`."""
StoredPart = Mapping[str, Any]
"""A part of an uploaded file in the object store, as `parts` has it: `name`, `size` in bytes, `sha256`."""


class PartTarget(Protocol):
    """Takes the next part of an upload."""

    def get_size(self, upload: Upload) -> int:
        """Return the bytes that are there: fewer than the upload's offset if some were lost."""

    def write(self, upload: Upload, chunks: Iterable[bytes]) -> tuple[int, tuple[StoredPart, ...]]:
        """Write a part at the upload's offset, safely or nothing of it. Return its length, and what to add to `parts`.

        Raises BadInput if it has more bytes than are missing, StorageFull, StoreUnavailable.
        """

    def discard(self) -> None:
        """Remove what was opened or written: the upload is gone, or another part was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLog:
    """A read log on this machine: its file, the folder of answers about it, and where those are shared."""

    path: Path
    answers_dir: Path
    shared_answers: SharedAnswers | None = None


class LogFiles(Protocol):
    """The files of all users' logs. Each call blocks: call it in a thread."""

    @property
    def are_on_disk(self) -> bool:
        """Whether uploads take space on this machine's disk."""

    def open_part(self, upload: Upload) -> AbstractContextManager[PartTarget]:
        """Open an upload for its next part."""

    def save_upload(self, row: Workload | Upload, source: Path) -> None:
        """Store a copy of a file as a log's uploaded file, or as what has arrived of an upload, and set the column that
        says where it is."""

    def discard_saved_upload(self, workload: Workload) -> None:
        """Remove what save_upload stored: the log was not created."""

    def open_upload(self, workload: Workload, attempt: int) -> AbstractContextManager[Path]:
        """Open a log's uploaded file for an attempt at reading it. In the data folder it may be missing."""

    def open_copy(self, row: Workload | Upload) -> AbstractContextManager[Path]:
        """Open an uploaded file, or what has arrived of it, to copy it. It may be missing."""

    def save_import(self, workload: Workload, attempt: int) -> StoredImport | None:
        """Store the staged files of an attempt, before the transaction that makes them the log's. Return what the log
        then has as `imported`."""

    def place_import(self, workload: Workload, attempt: int, replaced: StoredImport | None) -> None:
        """Make an attempt's files the log's, in the transaction that stores its result, in place of those that were
        its `imported`. If the log could not be read, it then has none."""

    def discard_import(self, workload: Workload, attempt: int, stored: StoredImport | None) -> None:
        """Remove the files of an attempt that were not placed; `stored` is what save_import returned."""

    def open_log(self, workload: Workload) -> AbstractContextManager[OpenLog]:
        """Open a read log for as long as the block. Raises BadInput if it is gone, StorageFull, StoreUnavailable."""

    def measure_imports(self, user_id: UUID) -> int:
        """Return the bytes of the user's read logs, and on this disk those of attempts that are not placed yet."""

    def measure_import(self, workload: Workload) -> int:
        """Return the bytes of one read log."""

    def measure_unplaced(self, stored: StoredImport | None) -> int:
        """Return the bytes of an attempt that measure_imports does not count before it is placed."""

    def delete_upload(self, upload: Upload) -> None:
        """Delete the bytes of an upload that did not become a log, in the transaction that deletes its row."""

    def delete_files(self, workload: Workload) -> None:
        """Delete all files of a log, even of an incomplete import, in the transaction that deletes its row."""

    def is_reachable(self) -> bool:
        """Whether files can be stored now, as far as one request can say."""

    def queue_user_deletion(self, user_id: UUID) -> None:
        """Let the files of a user on other machines be deleted, in the transaction that deletes the account."""

    def delete_user_objects(self, user_id: UUID) -> int:
        """Delete at once what the user has elsewhere than in the data folder, and return how many objects there were.
        Raises StoreUnavailable."""

    def measure_user_objects(self, user_id: UUID) -> tuple[int, int]:
        """Return the number and the bytes of the user's objects elsewhere than in the data folder."""
