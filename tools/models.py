"""Tool calls as a view of the event stream, and the results too large for their events."""

from typing import ClassVar

from django.db import models

from core.i18n.text import Text, text
from core.models import Event, Owned


class ToolCall(Event):
    """The start or the end of a tool call in a user's stream. Rows are events; there is no table."""

    class Meta:
        proxy = True
        verbose_name = "tool call"

    def __str__(self) -> str:
        return f"tool call {self.seq} of {self.owner_id}"


class CallResult(Owned):
    """A call's result, where its event has only a preview; in full if `complete`. Deleted with its run's events."""

    NOT_FOUND: ClassVar[Text] = text("Result not found, or the run already shows it in full.")

    # No foreign key: runs are in agents, which this package does not import.
    run_id = models.UUIDField()
    request_id = models.UUIDField()
    call_id = models.TextField()  # chosen by a model: of any length, and not necessarily unique
    tool = models.TextField()
    result = models.JSONField()
    complete = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run_id"], name="call_result_run")]

    def __str__(self) -> str:
        return f"result {self.pk} of {self.owner_id}"
