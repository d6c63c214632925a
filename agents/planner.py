"""The offline planner: a model without a language model, so that no key and no network is needed.

It stands behind pydantic-ai's FunctionModel, so the loop, tools, events and resumption are those of any model. A plan
is a pure function of what has been said so far.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel


@dataclass(frozen=True, slots=True)
class Say:
    """End the turn with a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """End the turn with the typed output that the agent asked for."""

    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Return:
    """What a tool gave back."""

    tool: str
    ok: bool
    content: Any


@dataclass(frozen=True, slots=True)
class Turn:
    """The history so far: the user's own words and what the tools gave back, in order."""

    ask: str
    returns: tuple[Return, ...]

    def last(self, tool: str) -> Return | None:
        return next((each for each in reversed(self.returns) if each.tool == tool), None)


Move = Say | Answer | Sequence[Call]
Plan = Callable[[Turn], Move]


def call_each(*tools: str) -> Plan:
    """A plan that calls tools without arguments in one turn, in this order and once each, then stops."""

    def plan(turn: Turn) -> Move:
        todo = [tool for tool in tools if turn.last(tool) is None]
        return [Call(tool, {}) for tool in todo] or Say("Done.")

    return plan


def offline_model(plan: Plan) -> FunctionModel:
    """A pydantic-ai model that follows a plan."""

    def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=_parts(plan(read(messages)), info))

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return respond(messages, info)  # async, as a plain function would be sent to a thread

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        for place, part in enumerate(respond(messages, info).parts):
            if isinstance(part, TextPart):
                yield part.content
            elif isinstance(part, ToolCallPart):
                yield {place: DeltaToolCall(part.tool_name, part.args_as_json_str(), tool_call_id=part.tool_call_id)}

    return FunctionModel(answer, stream_function=stream, model_name="offline")


def read(messages: Sequence[ModelMessage]) -> Turn:
    """The turn that a message history amounts to."""
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    asks = [part.content for part in parts if isinstance(part, UserPromptPart) and isinstance(part.content, str)]
    returns = tuple(
        Return(part.tool_name, part.outcome == "success", part.content)
        for part in parts
        if isinstance(part, ToolReturnPart)
    )
    return Turn(ask=asks[-1] if asks else "", returns=returns)


def _parts(step: Move, info: AgentInfo) -> list[TextPart | ToolCallPart]:
    if isinstance(step, Say):
        return [TextPart(step.text)]
    if isinstance(step, Answer):
        return [ToolCallPart(info.output_tools[0].name, dict(step.arguments))]
    return [ToolCallPart(call.tool, dict(call.arguments)) for call in step]
