from netra.core.models import Event


class ToolCall(Event):
    """A step of a tool, as its user's stream tells it. Rows are events; there is no table."""

    class Meta:
        proxy = True
        verbose_name = "tool call"

    def __str__(self) -> str:
        return f"tool call {self.seq} of {self.owner_id}"
