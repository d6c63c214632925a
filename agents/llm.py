"""Which language model thinks, if any, and its server's failures in plain words."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_ai import exceptions as ai
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from netra.core.exceptions import BadInput, ModelUnavailable

log = logging.getLogger(__name__)

OFFLINE = "offline"
Provider = Literal["offline", "openai", "anthropic"]

# Always named to the providers' clients, which would otherwise take an address from variables of their own that the
# notice knows nothing of.
SERVERS: Mapping[str, str] = MappingProxyType(
    {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """`base_url` is that of an OpenAI-compatible server.

    `timeout` is for one whole answer, in seconds, `attempts` at it included; the first one counts.
    """

    provider: Provider
    name: str
    base_url: str | None = None
    api_key: str | None = None
    timeout: float = 60
    attempts: int = 3

    @property
    def server(self) -> str:
        return self.base_url or SERVERS[self.provider]

    @property
    def notice(self) -> str | None:
        """What a user must know before a remote model is asked; None where nothing leaves the machine."""
        if self.provider == OFFLINE:
            return None
        return (
            f"This run asks the language model {self.name} at {self.server}. Sent there: your question; the log's file "
            "name and column names; the models, features and error texts that the log names; totals and distributions "
            "computed from it. Not sent: its rows, prompts, hashes, request ids, session ids and users' names."
        )


class Configured(Protocol):
    """The part of an installation's environment that chooses a model."""

    model: str
    model_base_url: str | None
    model_api_key: SecretStr | None
    model_timeout_seconds: float
    model_attempts: int


def configured(environment: Configured) -> ModelChoice:
    """The choice that an installation has made. Raises BadInput for one that cannot be made."""
    key = environment.model_api_key
    return choose(
        environment.model,
        base_url=environment.model_base_url,
        api_key=key.get_secret_value() if key else None,
        timeout=environment.model_timeout_seconds,
        attempts=environment.model_attempts,
    )


def choose(model: str, *, base_url: str | None, api_key: str | None, timeout: float, attempts: int) -> ModelChoice:
    """The choice that NETRA_MODEL and its companions amount to. Raises BadInput for one that cannot be made."""
    if model == OFFLINE:
        return ModelChoice(provider="offline", name=OFFLINE)
    provider, _, name = model.partition(":")
    if provider not in ("openai", "anthropic") or not name.strip():
        raise BadInput(f"NETRA_MODEL is {model!r}; it must be 'offline', 'openai:<model>' or 'anthropic:<model>'.")
    if base_url:
        _check_address(provider, base_url)
    elif not api_key:
        own = " (a server of your own that needs no key is named by NETRA_MODEL_BASE_URL)" * (provider == "openai")
        raise BadInput(f"NETRA_MODEL is {model!r}, which needs a key: set NETRA_MODEL_API_KEY{own}.")
    return ModelChoice(
        provider="openai" if provider == "openai" else "anthropic",
        name=name,
        base_url=base_url or None,
        api_key=api_key or None,
        timeout=timeout,
        attempts=attempts,
    )


def _check_address(provider: str, base_url: str) -> None:
    if provider == "anthropic":
        raise BadInput(
            "NETRA_MODEL_BASE_URL names an OpenAI-compatible server: use it with NETRA_MODEL=openai:<model>."
        )
    if not _is_address(base_url):
        raise BadInput(
            "NETRA_MODEL_BASE_URL is no address like 'http://localhost:11434/v1' (a key goes into NETRA_MODEL_API_KEY)."
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return False
    # Users are shown the address, so it must hold no secret.
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    return bare and parts.scheme in ("http", "https") and bool(parts.hostname)


@asynccontextmanager
async def remote_model(choice: ModelChoice) -> AsyncIterator[Model]:
    """The pydantic-ai model of a remote choice; its connections are closed at the end of the block."""
    # The first time the providers' libraries are imported, for seconds.
    async with await asyncio.to_thread(_remote_model, choice) as model:
        yield model


def _remote_model(choice: ModelChoice) -> Model:
    # Failed requests are tried again by the providers' own clients, which honour Retry-After. No sampling settings:
    # reasoning models refuse them, and no figure rests on a model's words.
    settings = ModelSettings(timeout=choice.timeout, request_timeout=choice.timeout, max_retries=choice.attempts - 1)
    if choice.provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(
            choice.name,
            provider=AnthropicProvider(base_url=choice.server, api_key=choice.api_key),
            settings=settings,
        )
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # A server of one's own often wants no key; the client insists on one.
    provider = OpenAIProvider(base_url=choice.server, api_key=choice.api_key or "none")
    return OpenAIChatModel(choice.name, provider=provider, settings=settings)


# The first that fits is said; each names who must act.
PLAIN_WORDS: Mapping[type[Exception], str] = MappingProxyType(
    {
        ai.ModelAuthenticationError: "refused our key: the operator must set NETRA_MODEL_API_KEY right.",
        ai.ModelNotFoundError: "knows no such model or address: the operator must set NETRA_MODEL or "
        "NETRA_MODEL_BASE_URL right.",
        ai.ModelQuotaExceededError: "says that our quota is used up: the operator must see to it.",
        ai.ModelRateLimitError: "takes no more requests just now: try again later.",
        ai.ModelContextWindowExceededError: "cannot take in as much as this log's figures are: the operator must "
        "choose a model with a larger context.",
        ai.ModelRequestRejectedError: "refused our request: the operator must look into it.",
        ai.ModelRequestTimeout: "did not answer in time: try again later.",
        ai.ModelTimeoutError: "did not answer in time: try again later.",
        ai.ModelConnectionError: "cannot be reached, or broke off: try again later.",
        ai.ModelAPIError: "failed: try again later.",
        ai.AgentRunError: "answered nothing that could be used: try again, or the operator must choose a model that "
        "calls tools.",
    }
)


@asynccontextmanager
async def speaking_plainly() -> AsyncIterator[None]:
    """Turn a model server's failures into ModelUnavailable, in words that say who must act."""
    try:
        yield
    except ai.AgentRunError as error:
        # The user needs no details of the server; whoever runs this installation does.
        log.warning("the language model's server failed: %s: %.500r", type(error).__name__, str(error))
        words = next(words for kind, words in PLAIN_WORDS.items() if isinstance(error, kind))
        raise ModelUnavailable(f"The language model's server {words}") from error
