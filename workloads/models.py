"""The database rows of logs and of unfinished uploads, and the rules for file names."""

import uuid
from pathlib import Path
from typing import Any, ClassVar
from unicodedata import category

from django.db import models
from django.utils import timezone

from core.exceptions import BadInput
from core.i18n.text import Text, text
from core.json_data import to_storable
from core.models import Owned, TranslatableTextField

NAME_LENGTH = 255
INPUT_LENGTH = 4096  # characters of a name that are considered
DEFAULT_NAME = "log"
_CONTROL_CATEGORIES = frozenset({"Cc", "Zl", "Zp"})
# They change the order in which text is displayed: "vsc.exe" would be shown as "exe.csv".
_BIDI_CHARACTERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_file_name(name: str) -> str:
    """Return `name` without control and bidirectional characters, at most 255 characters long, never empty."""
    cleaned = "".join(
        letter
        for letter in to_storable(name[:INPUT_LENGTH])
        if category(letter) not in _CONTROL_CATEGORIES and letter not in _BIDI_CHARACTERS
    )
    return cleaned.strip()[:NAME_LENGTH].strip() or DEFAULT_NAME


class WorkloadState(models.TextChoices):
    QUEUED = "queued"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


UNREADY_STATES = (WorkloadState.QUEUED, WorkloadState.READING)
"""States of a log that cannot be analysed yet."""


class Workload(Owned):
    """A usage log that a user uploaded, imported into a DuckDB file of its own.

    `attempt` counts the attempts at importing it; only the last one may write.
    """

    NOT_FOUND: ClassVar[Text] = text("Log not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    size = models.BigIntegerField(default=0)  # bytes of the uploaded file
    created_at = models.DateTimeField(auto_now_add=True)

    form = models.CharField(max_length=40, blank=True)  # a key of FORMATS; "": detected from the columns
    mapping = models.JSONField(default=dict, blank=True)  # field to column; overrides the format's own
    assumptions = models.JSONField(default=dict, blank=True)  # pricing.assumptions.Assumptions: prices, names, answers
    raw_kept = models.BooleanField(default=False)  # the uploaded file is stored, so that it can be read again
    parts = models.JSONField(null=True)  # files.stored.StoredPart: the uploaded file in the object store
    imported = models.JSONField(null=True)  # files.base.StoredImport: the read log in the object store

    state = models.CharField(max_length=20, choices=WorkloadState, default=WorkloadState.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)  # of core.exceptions, or "reader_lost"
    error = TranslatableTextField(blank=True)  # as shown to the user
    source = models.JSONField(null=True)  # ingest.schema.LogSource
    extent = models.JSONField(null=True)  # analysis.profile.Extent
    spend = models.JSONField(null=True)  # analysis.opening.SpendSummary
    prices = models.JSONField(null=True)  # pricing.prices.Prices, the first models
    figures_due = models.BooleanField(default=False)  # spend and prices are those of earlier assumptions
    preview = models.JSONField(null=True)  # ingest.preview.Preview, also of a log that could not be read

    attempt = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)  # when the last attempt began
    progress = models.JSONField(null=True)  # ingest.progress.ReadingProgress of the last attempt, while it reads

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="workload_queue")]

    def __str__(self) -> str:
        return f"workload {self.id}"

    @property
    def has_no_table(self) -> bool:
        """Whether the uploaded file has no columns at all, so that no other format or mapping would help."""
        return self.state == WorkloadState.FAILED and self.error_code == BadInput.code and self.preview is None

    @property
    def reading_progress(self) -> dict[str, Any] | None:
        """How far the reading is, as JSON; None if it is not known, or the log is not being read."""
        return self.progress if self.state == WorkloadState.READING else None

    def get_path(self, data_dir: Path) -> Path:
        """Return the path of its DuckDB file: made of ids only, one folder per user."""
        return data_dir / "workloads" / str(self.owner_id) / f"{self.id}.duckdb"

    def get_raw_path(self, data_dir: Path) -> Path:
        """Return the path of the uploaded file, stored unchanged."""
        return self.get_path(data_dir).with_suffix(".raw")

    def get_answers_dir(self, data_dir: Path) -> Path:
        """Return the folder of cached answers about it (workloads.analysis.cache)."""
        return self.get_path(data_dir).with_suffix(".answers")


class Invoice(Owned):
    """The provider's invoice for a log, as it was read. A log has at most one."""

    NOT_FOUND: ClassVar[Text] = text("Invoice not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workload = models.OneToOneField(Workload, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    size = models.BigIntegerField()  # bytes of `content` as JSON, which count as stored
    content = models.JSONField()  # invoices.invoice.Invoice
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"invoice {self.id}"


class Upload(Owned):
    """A log that is being uploaded in parts. `offset` bytes are safely stored; bytes after them are overwritten.

    With the last byte it becomes a workload with the same id. The row stays for a while, so that a client that missed
    the last response can repeat the request.
    """

    NOT_FOUND: ClassVar[Text] = text("Upload not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=200, blank=True)  # by which the client recognises the file
    form = models.CharField(max_length=40, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    parts = models.JSONField(null=True)  # files.stored.StoredPart: its bytes in the object store
    workload = models.OneToOneField(Workload, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(default=timezone.now)  # when it was started or its last part arrived

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="upload_age")]

    def __str__(self) -> str:
        return f"upload {self.id}"

    def get_path(self, data_dir: Path) -> Path:
        """Return the path of its bytes: made of ids only, one folder per user."""
        return data_dir / "uploads" / str(self.owner_id) / str(self.id)
