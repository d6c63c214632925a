"""The only place that names a group, and the one message that is sent to it."""

from uuid import UUID

BELL = "stream.bell"


def user_group(user_id: UUID) -> str:
    """The channel-layer group of one user's listeners (ASCII, under 100 characters)."""
    return f"user.{user_id.hex}"
