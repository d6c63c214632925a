"""One agent's turn with a language model, through pydantic-ai's loop; its tool calls go through the dispatcher.

Only processes with a remote model import this module: pydantic-ai takes long to load."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue
from pydantic_ai import Agent, AgentRunResult, RunContext, UsageLimits
from pydantic_ai import Tool as OfferedTool
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.exceptions import ToolFailed as ModelToolFailed
from pydantic_ai.messages import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.result import AgentStream
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agents.llm.metering import Meter, ModelRequestUsage
from agents.llm.partial_texts import end_cut_off
from agents.llm.providers import translate_model_errors
from agents.llm.streaming import CUT_OFF, AnswerLimiter, TextStream
from agents.llm.turns import NO_LIMITS, ModelOutput, ModelTurn, OfflinePlan, OnText, Patience, TurnLimits
from tools.base import ToolSpec
from tools.dispatcher import CallDispatcher
from tools.errors import InvalidArguments, ToolFailed, ToolRefused, UnknownTool

ModelFactory = Callable[[OfflinePlan], Model]
Dispatcher = CallDispatcher[Any, Any]

MAX_OFFERS = 100
"""Far more than a fixed catalogue of tools has agents."""


class OfferedAgents:
    """pydantic-ai's agents by the tools that they offer and their type of output.

    They know no user: a turn's dispatcher, model, instructions and question are arguments of their `run`. To create
    one, with all that it derives from its tools in its first run, takes a sixth of a turn.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[tuple[ToolSpec[Any], ...], Agent[Dispatcher, Any]]] = {}

    def get(self, tools: tuple[ToolSpec[Any], ...], output_type: type[ModelOutput]) -> Agent[Dispatcher, ModelOutput]:
        key = (output_type, *map(id, tools))
        found = self._kept.get(key)
        if found is not None:
            return found[1]
        if len(self._kept) >= MAX_OFFERS:
            self._kept.clear()
        agent: Agent[Dispatcher, ModelOutput] = Agent(output_type=output_type, tools=adapt_tools(tools), retries=2)
        self._kept[key] = tools, agent  # with the tools, so that their ids stay theirs
        return agent


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoop:
    """Runs turns with the model of `model_factory`; a remote one is the same for every plan.

    With `streaming`, the model's texts are sent while it writes them.
    """

    model_factory: ModelFactory
    streaming: bool = True
    agents: OfferedAgents = field(default_factory=OfferedAgents)

    async def __call__(
        self,
        plan: OfflinePlan,
        dispatcher: CallDispatcher[Any, Any],
        *,
        instructions: str,
        prompt: str,
        output_type: type[ModelOutput],
        on_text: OnText,
        meter: Meter | None = None,
        limits: TurnLimits = NO_LIMITS,
    ) -> ModelTurn[ModelOutput]:
        model = self.model_factory(plan)
        agent = self.agents.get(tuple(dispatcher.tools.values()), output_type)
        patience = Patience(limits)
        listener = _build_listener(on_text, dispatcher, patience) if self.streaming else None
        usage = UsageLimits(request_limit=limits.requests, tool_calls_limit=limits.calls)
        async with translate_model_errors(), patience:
            result: AgentRunResult[ModelOutput] = await agent.run(
                prompt,
                deps=dispatcher,
                model=model if meter is None else MeteredModel(model, meter),
                instructions=instructions,
                usage_limits=usage,
                event_stream_handler=listener,
                model_settings=_build_settings(limits),
                infer_name=False,
            )
        output = result.output
        if isinstance(output, str) and result.response.finish_reason in CUT_OFF:
            output = type(output)(end_cut_off(output))
        return ModelTurn(
            output=output, messages=ModelMessagesTypeAdapter.dump_python(result.all_messages(), mode="json")
        )


def _build_settings(limits: TurnLimits) -> ModelSettings | None:
    """Return the settings of a turn that is done without the model after some time, or None for those of the model."""
    return None if limits.silence_seconds is None else ModelSettings(timeout=limits.silence_seconds)


def _build_listener(
    on_text: OnText, dispatcher: CallDispatcher[Any, Any], patience: Patience
) -> Callable[[RunContext[Dispatcher], AsyncIterable[AgentStreamEvent]], Awaitable[None]]:
    texts = TextStream(on_text)  # one for all requests of the turn, so that part numbers continue

    async def listen(context: RunContext[Dispatcher], events: AsyncIterable[AgentStreamEvent]) -> None:
        limiter = AnswerLimiter()
        async for event in events:
            limiter.add(event)
            patience.notice(is_tool_running=isinstance(event, FunctionToolCallEvent))
            match event:
                case PartStartEvent(part=TextPart(content=text)):
                    texts.start_text(text)
                case PartDeltaEvent(delta=TextPartDelta(content_delta=more)):
                    await texts.extend_text(more)
                case PartEndEvent(part=TextPart(content=text)):
                    await texts.finish_text(text, is_cut_off=_is_cut_off(events))
                case FunctionToolCallEvent(part=call) if call.tool_name not in dispatcher.tools:
                    # The loop answers this call itself. It was an attempt all the same: publish and audit it.
                    with suppress(UnknownTool):
                        await dispatcher.dispatch(call.tool_name[:200], {}, call.tool_call_id)

    return listen


def _is_cut_off(events: AsyncIterable[AgentStreamEvent]) -> bool:
    """Whether the server has ended the answer before the model did, such as at a limit of its length."""
    return isinstance(events, AgentStream) and events.response.finish_reason in CUT_OFF


def adapt_tools(tools: Iterable[ToolSpec[Any]]) -> list[OfferedTool[Dispatcher]]:
    """Return tools for a pydantic-ai agent, which call the dispatcher of the turn. Only the dispatcher validates
    arguments, after it has decided whether the call may be made at all."""
    return [
        OfferedTool.from_schema(
            _build_dispatched_call(tool),
            tool.name,
            tool.description,
            tool.schema,
            takes_ctx=True,
            # A log answers one question at a time, so parallel calls would only mix up their events.
            sequential=True,
        )
        for tool in tools
    ]


def _build_dispatched_call(tool: ToolSpec[Any]) -> Callable[..., Awaitable[JsonValue]]:
    # Positional only: a model's argument may have any name.
    async def call(context: RunContext[Dispatcher], /, **arguments: Any) -> JsonValue:
        dispatcher = context.deps
        try:
            result = await dispatcher.dispatch(tool.name, arguments, context.tool_call_id)
        except InvalidArguments as error:
            raise ModelRetry(str(error)) from error  # it only quotes the model's own arguments
        except (ToolRefused, ToolFailed) as error:
            raise ModelToolFailed(await dispatcher.disclose_error(error.message, tool)) from error
        return result.model_view

    return call


class MeteredModel(WrapperModel):
    """A model whose requests are metered, except those that fail without an answer: their usage is unknown."""

    def __init__(self, wrapped: Model, meter: Meter) -> None:
        super().__init__(wrapped)
        self.meter = meter

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        await self.meter.check_budget()
        response = await super().request(messages, model_settings, model_request_parameters)
        await self.meter.record_usage(
            _to_usage(response.model_name or self.model_name, response.provider_url, response.usage)
        )
        return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        await self.meter.check_budget()
        stream = super().request_stream(messages, model_settings, model_request_parameters, run_context)
        async with stream as response:
            try:
                yield response
            finally:
                # Also after an answer that broke off: its tokens are paid for, as far as the server reported them.
                await self.meter.record_usage(_to_usage(response.model_name, response.provider_url, response.usage))


def _to_usage(model: str, address: str | None, usage: RequestUsage) -> ModelRequestUsage:
    return ModelRequestUsage(
        model=model,
        address=address,
        is_measured=usage.input_tokens > 0 and not usage.unmeasured_requests,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cache_read_tokens,
        cache_written_tokens=usage.cache_write_tokens,
    )
