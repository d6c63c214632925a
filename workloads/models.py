import uuid
from pathlib import Path
from typing import ClassVar

from django.db import models

from netra.core.exceptions import BadInput
from netra.core.models import Owned, WordsField


class WorkloadState(models.TextChoices):
    QUEUED = "queued"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


WAITING = (WorkloadState.QUEUED, WorkloadState.READING)
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
    error_code = models.CharField(max_length=40, blank=True)  # of netra.core.exceptions, or "reader_lost"
    error = WordsField(blank=True)  # in the user's words
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
    def no_table(self) -> bool:
        """Whether what was brought has no columns at all, so that no other format or mapping would help."""
        return self.state == WorkloadState.FAILED and self.error_code == BadInput.code and self.preview is None

    def path(self, data_dir: Path) -> Path:
        """Where the file lives below an installation's data: made of ids only, one folder per user."""
        return data_dir / "workloads" / str(self.owner_id) / f"{self.id}.duckdb"

    def raw(self, data_dir: Path) -> Path:
        """Where what was brought lies, as it came."""
        return self.path(data_dir).with_suffix(".raw")

    def kept(self, data_dir: Path) -> Path:
        """The folder of answers about it that were computed before (workloads.kept)."""
        return self.path(data_dir).with_suffix(".answers")
