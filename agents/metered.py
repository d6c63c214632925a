"""A model whose requests go by a meter."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agents.metering import Meter, Used


class MeteredModel(WrapperModel):
    """Of a request that fails without an answer nobody knows what it took: it is not recorded."""

    def __init__(self, wrapped: Model, meter: Meter) -> None:
        super().__init__(wrapped)
        self.meter = meter

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        await self.meter.before()
        response = await super().request(messages, model_settings, model_request_parameters)
        await self.meter.after(_used(response.model_name or self.model_name, response.provider_url, response.usage))
        return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        await self.meter.before()
        asked = super().request_stream(messages, model_settings, model_request_parameters, run_context)
        async with asked as response:
            try:
                yield response
            finally:
                # Also of an answer that broke off: what came is paid for, as far as the server has told it by then.
                await self.meter.after(_used(response.model_name, response.provider_url, response.usage))


def _used(model: str, address: str | None, usage: RequestUsage) -> Used:
    return Used(
        model=model,
        address=address,
        measured=usage.input_tokens > 0 and not usage.unmeasured_requests,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cache_read_tokens,
        cache_written_tokens=usage.cache_write_tokens,
    )
