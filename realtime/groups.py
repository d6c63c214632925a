"""The only place that names a group."""

from uuid import UUID


def user_group(user_id: UUID) -> str:
    """The channel-layer group of one user's consumers (ASCII, under 100 characters)."""
    return f"user.{user_id.hex}"
