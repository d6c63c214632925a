"""Model names as logs write them, found in the offline price list. What is not there is not guessed."""

import difflib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from genai_prices import data_snapshot
from genai_prices.types import ModelInfo, Provider

Found = tuple[Provider, ModelInfo]

ALIASES: Mapping[str, str] = MappingProxyType(
    {"azure_ai": "azure", "azure_openai": "azure", "azure-openai": "azure", "fireworks_ai": "fireworks"}
)
"""Provider names of gateways and SDKs that the price list does not recognise or would take for another provider."""

SELF_HOSTED = frozenset(
    {"ollama", "ollama_chat", "vllm", "hosted_vllm", "lm_studio", "llamafile", "triton", "xinference"}
)
"""Servers that a user runs: a list price of the model's maker does not apply."""

BEDROCK = re.compile(r"^(?:[a-z-]+\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek|ai21|openai|qwen|writer)\.")
LONGEST_NAME = 200


class Catalogue:
    """The price list that ships with genai-prices; never updated over the network.

    Each one has lookup caches of its own: the library's shared snapshot would keep every user's model names.
    """

    def __init__(self) -> None:
        providers = data_snapshot.get_snapshot().providers
        self._snapshot = data_snapshot.DataSnapshot(providers=providers, from_auto_update=False)

    def find(self, model: str, provider: str | None = None) -> Found | None:
        """The list's provider and model for a log's names ("openai/gpt-4o", "bedrock/...", dated ones), or None."""
        if len(model) > LONGEST_NAME:
            return None
        for name, owner in _readings(model.strip().lower(), (provider or "").strip().lower() or None):
            found = self._look_up(name, owner)
            if found:
                return found
        return None

    def similar(self, model: str) -> tuple[str, ...]:
        """Up to three names of large providers that look like `model`, for a message to the user."""
        known = [m.id for p in self._snapshot.providers if p.id in ("openai", "anthropic", "google") for m in p.models]
        name = model[:LONGEST_NAME].lower().rsplit("/", 1)[-1]
        return tuple(difflib.get_close_matches(name, known, n=3, cutoff=0.6))

    def _look_up(self, name: str, owner: str | None) -> Found | None:
        try:
            return self._snapshot.find_provider_model(name, None, owner, None)
        except LookupError:
            return None


def _readings(model: str, provider: str | None) -> Iterator[tuple[str, str | None]]:
    """Ways to read a log's name, the most specific first: (model, provider) with the list's provider names."""
    owner = ALIASES.get(provider, provider) if provider else None
    if owner:
        yield model, owner
    prefix, slash, rest = model.partition("/")
    if slash:
        if owner:
            yield rest, owner
        yield from _prefixed(prefix, rest)
    if BEDROCK.match(model):
        yield model, "aws"
    if owner not in SELF_HOSTED:
        yield model, None


def _prefixed(prefix: str, rest: str) -> Iterator[tuple[str, str | None]]:
    """Readings of "provider/model", "provider/region/model" and "gateway/provider/model"."""
    yield rest, ALIASES.get(prefix, prefix)
    inner, slash, tail = rest.partition("/")
    if slash and prefix not in SELF_HOSTED:
        yield tail, ALIASES.get(prefix, prefix)
        yield tail, ALIASES.get(inner, inner)
