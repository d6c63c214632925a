import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from netra.core.models.owned import Owned


class UserStream(models.Model):
    """One user's stream: within an epoch, the number of the last event, and the last that may have been pruned."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    epoch = models.UUIDField(default=uuid.uuid4)
    head = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)  # a position below it can only be gone on from with a snapshot

    def __str__(self) -> str:
        return f"stream of {self.owner_id}"


class Event(Owned):
    """One event, numbered without gaps within (owner, epoch). Rows are appended and pruned, never changed."""

    # No index of its own: the constraint's begins with it, and every index costs at every event.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    epoch = models.UUIDField()
    seq = models.BigIntegerField()
    # No foreign key: runs live in a room above this one.
    run_id = models.UUIDField(null=True, db_index=True)
    type = models.CharField(max_length=40)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "epoch", "seq"], name="event_seq_unique_in_stream")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.seq} of {self.owner_id}"
