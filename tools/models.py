"""Tool calls as a view of the event stream, and the results too large for their events."""

from typing import ClassVar

from django.db import models

from core.models import Event, Owned


class ToolCall(Event):
    """A step of a tool, as its user's stream tells it. Rows are events; there is no table."""

    class Meta:
        proxy = True
        verbose_name = "tool call"

    def __str__(self) -> str:
        return f"tool call {self.seq} of {self.owner_id}"


class CallResult(Owned):
    """What a call answered, where its event has a preview only: in full if `complete`. Goes with its run's events."""

    # No foreign key: runs live in a room above this one.
    run_id = models.UUIDField()
    request_id = models.UUIDField()
    call_id = models.TextField()  # a model's own, of any length; not necessarily another one for each call
    tool = models.TextField()
    result = models.JSONField()
    complete = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run_id"], name="call_result_run")]

    def __str__(self) -> str:
        return f"result {self.pk} of {self.owner_id}"
