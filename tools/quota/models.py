"""The table of slots, one for each admitted call."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.models import Owned


class Slot(Owned):
    """A call that was let through: it counts for a minute against the rate, and until it is given back or expires
    against what may be under way at once."""

    # No index of its own: the one below begins with it, and every index costs at every call.
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
