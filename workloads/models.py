"""The database rows of logs and of uploads under way, and the rules for the names that users give their files."""

import uuid
from pathlib import Path
from typing import ClassVar
from unicodedata import category

from django.db import models
from django.utils import timezone

from core.exceptions import BadInput
from core.json_data import to_storable
from core.models import Owned, TranslatableTextField

NAME_LENGTH = 255
INPUT_LENGTH = 4096  # characters of a name as it was given
DEFAULT_NAME = "log"
_CONTROL_CATEGORIES = frozenset({"Cc", "Zl", "Zp"})
# They make what stands beside them read in another order: "exe.csv" for what ends in "vsc.exe".
_BIDI_CHARACTERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_file_name(name: str) -> str:
    """`name` without control characters and marks that turn text around, at most 255 characters, never empty."""
    kept = "".join(
        letter
        for letter in to_storable(name[:INPUT_LENGTH])
        if category(letter) not in _CONTROL_CATEGORIES and letter not in _BIDI_CHARACTERS
    )
    return kept.strip()[:NAME_LENGTH].strip() or DEFAULT_NAME


class WorkloadState(models.TextChoices):
    QUEUED = "queued"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


UNREADY_STATES = (WorkloadState.QUEUED, WorkloadState.READING)
"""States in which a log cannot be asked about yet."""


class Workload(Owned):
    """A usage log that a user brought, read into one DuckDB file of its own.

    `attempt` counts the readers that took it up; only the last may write.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    size = models.BigIntegerField(default=0)  # bytes of what was brought
    created_at = models.DateTimeField(auto_now_add=True)

    form = models.CharField(max_length=40, blank=True)  # a key of FORMATS; "": told from the columns
    mapping = models.JSONField(default=dict, blank=True)  # field to column, over what the format says
    raw_kept = models.BooleanField(default=False)  # what was brought lies beside it and can be read again

    state = models.CharField(max_length=20, choices=WorkloadState, default=WorkloadState.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)  # of core.exceptions, or "reader_lost"
    error = TranslatableTextField(blank=True)  # in the user's words
    source = models.JSONField(null=True)  # schema.Source
    extent = models.JSONField(null=True)  # extent.Extent
    spend = models.JSONField(null=True)  # facts.Spent
    preview = models.JSONField(null=True)  # preview.Preview, also of a log that could not be read

    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)  # readers that went silent since it was queued
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)  # when it was taken up last

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="workload_queue")]

    def __str__(self) -> str:
        return f"workload {self.id}"

    @property
    def has_no_table(self) -> bool:
        """Whether what was brought has no columns at all, so that no other format or mapping would help."""
        return self.state == WorkloadState.FAILED and self.error_code == BadInput.code and self.preview is None

    def get_path(self, data_dir: Path) -> Path:
        """Where the file lives below an installation's data: made of ids only, one folder per user."""
        return data_dir / "workloads" / str(self.owner_id) / f"{self.id}.duckdb"

    def get_raw_path(self, data_dir: Path) -> Path:
        """Where what was brought lies, as it came."""
        return self.get_path(data_dir).with_suffix(".raw")

    def get_answers_dir(self, data_dir: Path) -> Path:
        """The folder of answers about it that were computed before (workloads.analysis.cache)."""
        return self.get_path(data_dir).with_suffix(".answers")


class Upload(Owned):
    """A log on its way here, in parts. `offset` is how many bytes are safely stored; what lies beyond is overwritten.

    With its last byte it becomes a workload, whose id is its own, and is kept for a while to say so.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=200, blank=True)  # the client's own mark of the file
    form = models.CharField(max_length=40, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    workload = models.OneToOneField(Workload, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(default=timezone.now)  # when it was announced, or its last part came

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="upload_age")]

    def __str__(self) -> str:
        return f"upload {self.id}"

    def get_path(self, data_dir: Path) -> Path:
        """Where its bytes lie below an installation's data: made of ids only, one folder per user."""
        return data_dir / "uploads" / str(self.owner_id) / str(self.id)
