"""How long a stop took: told with the end."""

from datetime import UTC, datetime


def milliseconds(since: datetime) -> float:
    """Milliseconds from a moment until now; never below zero, whatever the clocks of two machines say."""
    return max(0.0, round((datetime.now(UTC) - since).total_seconds() * 1000, 3))
