"""A dispatcher's tools as a model is offered them: its calls go through the dispatcher's door and no other."""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import JsonValue
from pydantic_ai import RunContext
from pydantic_ai import Tool as OfferedTool
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.exceptions import ToolFailed as ToldToModel

from tools.base import Tool
from tools.dispatcher import ToolDispatcher
from tools.refusals import InvalidArguments, ToolFailed, ToolRefused


def offered(dispatcher: ToolDispatcher) -> list[OfferedTool[None]]:
    """The dispatcher's tools for a pydantic-ai agent. Arguments are validated by the dispatcher alone, which first
    decides whether the call may be made at all."""
    return [
        OfferedTool.from_schema(
            _through(dispatcher, tool),
            tool.name,
            tool.description,
            tool.schema,
            takes_ctx=True,
            # A log answers one question at a time, so calls side by side would only tangle what is told of them.
            sequential=True,
        )
        for tool in dispatcher.tools.values()
    ]


def _through(dispatcher: ToolDispatcher, tool: Tool[Any]) -> Callable[..., Awaitable[JsonValue]]:
    # Positional only: a model's argument may have any name.
    async def call(context: RunContext[None], /, **arguments: Any) -> JsonValue:
        try:
            result = await dispatcher.dispatch(tool.name, arguments, context.tool_call_id)
        except InvalidArguments as error:
            raise ModelRetry(str(error)) from error  # of what the model itself has sent
        except (ToolRefused, ToolFailed) as error:
            raise ToldToModel(await dispatcher.disclosed(error.words, tool)) from error
        return result.disclosed

    return call
