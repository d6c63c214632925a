import uuid
from pathlib import Path
from typing import ClassVar

from django.db import models
from django.utils import timezone

from netra.core.models import Owned
from workloads.models.workload import Workload


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

    def path(self, data_dir: Path) -> Path:
        """Where its bytes lie below an installation's data: made of ids only, one folder per user."""
        return data_dir / "uploads" / str(self.owner_id) / str(self.id)
