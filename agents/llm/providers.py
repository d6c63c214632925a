"""Clients of remote language models, and plain messages for the failures of their servers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from pydantic_ai import exceptions as ai
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from agents.llm.config import ModelChoice
from agents.llm.retries import RetryingModel
from agents.llm.turns import UNUSABLE_ANSWER
from core.exceptions import ModelUnavailable
from core.i18n.text import Text, text

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_remote_model(choice: ModelChoice) -> AsyncIterator[Model]:
    """Open the pydantic-ai model of a remote choice; its connections are closed at the end of the block."""
    # The first call imports the provider's library, which takes seconds.
    async with await asyncio.to_thread(_build_remote_model, choice) as model:
        yield RetryingModel(model, choice.attempts)


def _build_remote_model(choice: ModelChoice) -> Model:
    # The providers' own clients would retry failed requests, too, however long the server asks to wait. No sampling
    # settings: reasoning models refuse them, and no figure depends on a model's words.
    settings = ModelSettings(timeout=choice.timeout, request_timeout=choice.timeout, max_retries=0)
    if choice.provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(
            choice.name,
            provider=AnthropicProvider(base_url=choice.server_url, api_key=choice.api_key),
            settings=settings,
        )
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # A self-hosted server often needs no key, but the client requires one.
    provider = OpenAIProvider(base_url=choice.server_url, api_key=choice.api_key or "none")
    return OpenAIChatModel(choice.name, provider=provider, settings=settings)


# The first that matches is shown; each names who must act.
ERROR_MESSAGES: Mapping[type[Exception], Text] = MappingProxyType(
    {
        ai.ModelAuthenticationError: text(
            "The language model rejected the API key. Ask your administrator to check NETRA_MODEL_API_KEY."
        ),
        ai.ModelNotFoundError: text(
            "The language model or its server was not found. Ask your administrator to check NETRA_MODEL and "
            "NETRA_MODEL_BASE_URL."
        ),
        ai.ModelQuotaExceededError: text("The language model's quota is used up. Ask your administrator to raise it."),
        ai.ModelRateLimitError: text("The language model is receiving too many requests. Try again later."),
        ai.ModelContextWindowExceededError: text(
            "This log's figures are too large for the language model. Ask your administrator to choose a model with a "
            "larger context window."
        ),
        ai.ModelRequestRejectedError: text(
            "The language model rejected the request. Ask your administrator to check Netra's log."
        ),
        ai.ModelRequestTimeout: text("The language model didn't respond in time. Try again later."),
        ai.ModelTimeoutError: text("The language model didn't respond in time. Try again later."),
        ai.ModelConnectionError: text("The language model is unavailable. Try again later."),
        ai.ModelAPIError: text("The language model failed to answer. Try again later."),
        ai.AgentRunError: UNUSABLE_ANSWER,
    }
)


@asynccontextmanager
async def translate_model_errors() -> AsyncIterator[None]:
    """Turn failures of a model's server into ModelUnavailable with a message that says who must act."""
    try:
        yield
    except ai.AgentRunError as error:
        # The details are for the operator's log, not for the user.
        log.warning("the language model's server failed: %s: %.500r", type(error).__name__, str(error))
        message = next(message for kind, message in ERROR_MESSAGES.items() if isinstance(error, kind))
        raise ModelUnavailable(message) from error
