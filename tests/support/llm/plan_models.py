"""An offline plan behind pydantic-ai's FunctionModel, for tests and benchmarks of the model loop."""

from collections.abc import AsyncIterator, Sequence

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

from agents.llm.turns import FinalOutput, FinalText, OfflinePlan, PlanAction, PlanHistory, PlannedCallResult


def build_plan_model(plan: OfflinePlan) -> FunctionModel:
    """Return a pydantic-ai model that follows a plan."""

    def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=_to_parts(plan(to_plan_history(messages)), info))

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return respond(messages, info)  # async, as a plain function would be sent to a thread

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        for place, part in enumerate(respond(messages, info).parts):
            if isinstance(part, TextPart):
                yield part.content
            elif isinstance(part, ToolCallPart):
                yield {place: DeltaToolCall(part.tool_name, part.args_as_json_str(), tool_call_id=part.tool_call_id)}

    return FunctionModel(answer, stream_function=stream, model_name="offline")


def to_plan_history(messages: Sequence[ModelMessage]) -> PlanHistory:
    """Convert pydantic-ai's messages to a plan's history."""
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    asks = [part.content for part in parts if isinstance(part, UserPromptPart) and isinstance(part.content, str)]
    returns = tuple(
        PlannedCallResult(part.tool_name, part.outcome == "success", part.content)
        for part in parts
        if isinstance(part, ToolReturnPart)
    )
    return PlanHistory(ask=asks[-1] if asks else "", results=returns)


def _to_parts(action: PlanAction, info: AgentInfo) -> list[TextPart | ToolCallPart]:
    if isinstance(action, FinalText):
        return [TextPart(action.text)]
    if isinstance(action, FinalOutput):
        return [ToolCallPart(info.output_tools[0].name, dict(action.arguments))]
    return [ToolCallPart(call.tool, dict(call.arguments)) for call in action]
