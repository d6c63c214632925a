"""The input of tools that can be asked about any of the user's logs."""

from uuid import UUID

from pydantic import Field

from tools.base import ToolInput


class LogInput(ToolInput):
    """The input of a question about a log."""

    log: UUID | None = Field(default=None, description="Another log of the user's, instead of the conversation's.")
