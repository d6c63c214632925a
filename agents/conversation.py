"""One agent's talk with a model: the same loop for the offline planner and any language model."""

from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic_ai import Agent, AgentRunResult, RunContext, UsageLimits
from pydantic_ai.messages import AgentStreamEvent, ModelMessagesTypeAdapter, PartEndEvent, TextPart
from pydantic_ai.models import Model

from agents.llm import speaking_plainly
from agents.offered import offered
from tools.dispatcher import ToolDispatcher

Out = TypeVar("Out")

LIMITS = UsageLimits(request_limit=25, tool_calls_limit=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Generic[Out]):
    """`output` is the model's, and nothing that a figure may rest on; `messages` is the history as JSON."""

    output: Out
    messages: Any


async def converse(
    model: Model,
    dispatcher: ToolDispatcher,
    *,
    instructions: str,
    prompt: str,
    output_type: type[Out],
    heard: Callable[[str], Awaitable[None]] | None,
) -> Conversation[Out]:
    """Let the model call the dispatcher's tools until it answers.

    `heard`, where given, makes the requests streaming and is told each text of the model. Raises ModelUnavailable
    where the model's server fails or the model runs in circles.
    """
    agent = Agent(model, output_type=output_type, instructions=instructions, tools=offered(dispatcher), retries=2)
    async with speaking_plainly():
        result: AgentRunResult[Out] = await agent.run(
            prompt, usage_limits=LIMITS, event_stream_handler=_listener(heard) if heard else None
        )
    return Conversation(
        output=result.output, messages=ModelMessagesTypeAdapter.dump_python(result.all_messages(), mode="json")
    )


def _listener(
    heard: Callable[[str], Awaitable[None]],
) -> Callable[[RunContext[None], AsyncIterable[AgentStreamEvent]], Awaitable[None]]:
    async def listen(context: RunContext[None], events: AsyncIterable[AgentStreamEvent]) -> None:
        async for event in events:
            if isinstance(event, PartEndEvent) and isinstance(event.part, TextPart) and event.part.content.strip():
                await heard(event.part.content.strip())

    return listen
