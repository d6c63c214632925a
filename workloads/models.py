import uuid
from pathlib import Path

from django.db import models

from netra.core.models import Owned


class Workload(Owned):
    """A usage log that a user brought, read into one DuckDB file of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)  # the user's file name: data, never a path
    source = models.JSONField()  # schema.Source
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"workload {self.id}"

    def path(self, data_dir: Path) -> Path:
        """Where the file lives below an installation's data: made of ids only, one folder per user."""
        return data_dir / "workloads" / str(self.owner_id) / f"{self.id}.duckdb"
