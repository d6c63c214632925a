"""Running an admitted tool within its time limit, and explaining its errors to the caller."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from core.exceptions import OperatorError, UserError
from core.i18n.text import text, verbatim_text
from tools.base import Tool, ToolContext, ToolInput, ToolSpec
from tools.errors import ToolFailed, ToolTimeout

log = logging.getLogger(__name__)


async def run_within_time_limit(tool: Tool[Any], arguments: ToolInput, tool_context: ToolContext) -> Any:
    """Return the tool's value. Raises ToolFailed, and ToolTimeout at the tool's time limit, where it is stopped."""
    try:
        async with asyncio.timeout(tool.seconds):
            with explain_errors(tool):
                return await tool.run(arguments, tool_context)
    except TimeoutError as error:
        message = text(
            "{tool} exceeded its time limit of {seconds:g} s and was stopped.", tool=tool.title, seconds=tool.seconds
        )
        raise ToolTimeout(message) from error


@contextmanager
def explain_errors(tool: ToolSpec[Any]) -> Iterator[None]:
    """Raise ToolFailed instead of any error, with a message for the caller."""
    try:
        yield
    except (UserError, OperatorError) as error:
        raise ToolFailed(verbatim_text(str(error))) from error
    except Exception as error:
        # The caller gets a number, under which the operators find the details in the server's log.
        reference = uuid4().hex[:8]
        log.exception("tool %s failed (reference %s)", tool.name, reference)
        message = text(
            "{what} failed because of an internal error (reference {reference}).", what=tool.title, reference=reference
        )
        raise ToolFailed(message) from error
