from collections.abc import Mapping
from typing import Any

from tools.dispatcher import ToolDispatcher


async def required(hands: ToolDispatcher, tool: str, arguments: Mapping[str, Any] | None = None) -> Any:
    """What a tool found, calling it where the model has not: a model may choose, not leave out.

    Raises ToolFailed where the tool cannot do it.
    """
    wanted = dict(arguments or {})
    for result in reversed(hands.results):
        if result.tool == tool and result.arguments.model_dump() == wanted:
            return result.value
    return (await hands.dispatch(tool, wanted)).value
