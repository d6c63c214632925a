import uuid
from typing import ClassVar

from django.db import models

from netra.core.models import Owned


class Thread(Owned):
    """A conversation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)  # when it was last asked in

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-updated_at"], name="threads_by_activity")]

    def __str__(self) -> str:
        return f"thread {self.id}"


class Message(Owned):
    """What a person said in a thread. Answers are the terminal events of runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    client_id = models.UUIDField(null=True)  # made by the client, so that a message sent twice is one
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "client_id"], name="one_message_per_client_id")
        ]

    def __str__(self) -> str:
        return f"message {self.id}"
