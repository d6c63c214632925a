import uuid
from typing import ClassVar

from django.db import models

from netra.core.models import Owned
from tools.spending.dollars import DollarsField


class Hold(Owned):
    """Money set aside for a call under way, until its cost is recorded or the call is given up for lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run_id = models.UUIDField()
    tool = models.CharField(max_length=200)
    cost = DollarsField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="hold_expires")]

    def __str__(self) -> str:
        return f"hold {self.id}"
