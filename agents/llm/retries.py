"""Repeats the failed requests to a language model, after the time that its server asks for.

Only processes with a remote model import this module: pydantic-ai takes long to load."""

from asyncio import sleep
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any, TypeVar

from pydantic_ai import RunContext
from pydantic_ai import exceptions as ai
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 8.0
"""Between two attempts, where the server asks for none; each wait is twice as long as the one before."""

PASSING = (ai.ModelRateLimitError, ai.ModelUnavailableError, ai.ModelServerError, ai.ModelConnectionError)
PASSING_STATUSES = frozenset((408, 409))

Response = TypeVar("Response")


class RetryingModel(WrapperModel):
    """A model whose requests are made up to `attempts` times, if they fail for a reason that may pass.

    A request is given up at once if the server asks to wait for longer than its time limit (`timeout`).
    """

    def __init__(self, wrapped: Model, attempts: int) -> None:
        super().__init__(wrapped)
        self.attempts = attempts

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        def send() -> Awaitable[ModelResponse]:
            return self.wrapped.request(messages, model_settings, model_request_parameters)

        return await self._send(send, model_settings)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        async with AsyncExitStack() as stack:

            def send() -> Awaitable[StreamedResponse]:
                return stack.enter_async_context(
                    self.wrapped.request_stream(messages, model_settings, model_request_parameters, run_context)
                )

            yield await self._send(send, model_settings)

    async def _send(self, send: Callable[[], Awaitable[Response]], settings: ModelSettings | None) -> Response:
        for attempt in count(1):
            try:
                return await send()
            except ai.ModelAPIError as error:
                wait = compute_wait(error, attempt)
                if attempt >= self.attempts or not may_pass(error) or wait > _get_limit(settings):
                    raise
            await sleep(wait)
        raise AssertionError("unreachable")


def may_pass(error: ai.ModelAPIError) -> bool:
    """Return whether the same request may succeed later."""
    return isinstance(error, PASSING) or (
        isinstance(error, ai.ModelHTTPError) and error.status_code in PASSING_STATUSES
    )


def compute_wait(error: ai.ModelAPIError, attempt: int) -> float:
    """Return how many seconds to wait after the failure of this attempt; the first is 1."""
    if error.retry_after is not None:
        return max(0.0, error.retry_after)
    return min(FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1), LONGEST_WAIT_SECONDS)


def _get_limit(settings: ModelSettings | None) -> float:
    limit = (settings or {}).get("timeout")
    return limit if isinstance(limit, int | float) else float("inf")
