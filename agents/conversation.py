"""One agent's talk with a language model, through pydantic-ai's loop."""

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pydantic_ai import Agent, AgentRunResult, RunContext, UsageLimits
from pydantic_ai.messages import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    ModelMessagesTypeAdapter,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models import Model

from agents.answerbounds import Answer
from agents.llm import speaking_plainly
from agents.metered import MeteredModel
from agents.metering import Meter
from agents.offered import offered
from agents.planner import Plan
from agents.thinking import Conversation, Heard
from agents.writing import Writing
from tools.dispatcher import ToolDispatcher
from tools.refusals import UnknownTool

Out = TypeVar("Out")
ModelFor = Callable[[Plan], Model]

LIMITS = UsageLimits(request_limit=25, tool_calls_limit=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking:
    """Thinking with a model. `model_for` gives it; a remote one is the same for every plan. `streaming` makes the
    requests streaming, so that what the model says is heard while it works."""

    model_for: ModelFor
    streaming: bool = True

    async def __call__(
        self,
        plan: Plan,
        dispatcher: ToolDispatcher,
        *,
        instructions: str,
        prompt: str,
        output_type: type[Out],
        heard: Heard,
        meter: Meter | None = None,
    ) -> Conversation[Out]:
        model, tools = self.model_for(plan), offered(dispatcher)
        model = model if meter is None else MeteredModel(model, meter)
        agent = Agent(model, output_type=output_type, instructions=instructions, tools=tools, retries=2)
        listener = _listener(heard, dispatcher) if self.streaming else None
        async with speaking_plainly():
            result: AgentRunResult[Out] = await agent.run(prompt, usage_limits=LIMITS, event_stream_handler=listener)
        return Conversation(
            output=result.output, messages=ModelMessagesTypeAdapter.dump_python(result.all_messages(), mode="json")
        )


def _listener(
    heard: Heard, dispatcher: ToolDispatcher
) -> Callable[[RunContext[None], AsyncIterable[AgentStreamEvent]], Awaitable[None]]:
    writing = Writing(heard)  # one for all requests of the turn: its parts are numbered through

    async def listen(context: RunContext[None], events: AsyncIterable[AgentStreamEvent]) -> None:
        answer = Answer()
        async for event in events:
            answer.add(event)
            match event:
                case PartStartEvent(part=TextPart(content=text)):
                    writing.begun(text)
                case PartDeltaEvent(delta=TextPartDelta(content_delta=more)):
                    await writing.went_on(more)
                case PartEndEvent(part=TextPart(content=text)):
                    await writing.ended(text)
                case FunctionToolCallEvent(part=call) if call.tool_name not in dispatcher.tools:
                    # The loop answers it by itself; it was an attempt all the same, and is told and audited as one.
                    with suppress(UnknownTool):
                        await dispatcher.dispatch(call.tool_name[:200], {}, call.tool_call_id)

    return listen
