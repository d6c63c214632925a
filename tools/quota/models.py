"""The table of slots, one for each admitted call."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.models import Owned


class Slot(Owned):
    """A slot of an admitted call. It counts for a minute against the rate, and until it is released or expires against
    the concurrency."""

    # No index of its own: the one below begins with it, and every index makes every call slower.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tool = models.CharField(max_length=100)
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "tool", "taken_at"], name="slot_of_user_and_tool")]

    def __str__(self) -> str:
        return f"slot {self.id}"
