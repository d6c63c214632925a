from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from netra.operating.acting import act
from tools.dispatcher import ToolResult
from tools.refusals import ToolFailed, ToolRefused


def acted(page: Any, request: HttpRequest, tool: str, arguments: dict[str, Any]) -> ToolResult | None:
    """None where it was refused or failed, which the page then shows."""
    try:
        return act(request, tool, arguments)
    except (ToolRefused, ToolFailed) as error:
        page.message_user(request, str(error), messages.ERROR)
        return None
