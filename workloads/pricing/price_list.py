"""The offline price list, searched by model names as they occur in logs, and the rules of the providers' prompt caches.

Names that are not in the list are not guessed. The list has no cache rules, so they are written down here from the
providers' documentation. OpenAI, automatic: prefixes from 1,024 tokens in steps of 128, cached for 5 to 10 minutes of
inactivity (5 are assumed here), from gpt-5.6 for 30 minutes. Anthropic, marked by the caller: a minimum by model, 5
minutes or 1 hour, refreshed on use. Gemini, automatic: a minimum by model, undocumented lifetime (5 minutes are
assumed). DeepSeek, automatic: units of 64 tokens, cached for hours. For all others OpenAI's rules are assumed, and the
report says so."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.metadata import version

from genai_prices import data_snapshot
from genai_prices.types import ClauseEquals, ClauseOr, ModelInfo, ModelPrice, Provider

from workloads.pricing.file_models import PROVIDER_ALIASES, FileModels, build_file_model
from workloads.pricing.price_file import PriceFile
from workloads.pricing.spellings import (
    HOSTS,
    SELF_HOSTED,
    find_owner,
    list_base_spellings,
    list_readings,
    list_spellings,
)

ListedModel = tuple[Provider, ModelInfo]

MAKERS = ("openai", "anthropic", "google", "mistral", "cohere", "deepseek", "x-ai")
"""Providers that are asked for a name that no provider claims, such as an embedding model's or a fine-tuned one's."""

GEOGRAPHY_FACTORS: tuple[tuple[str, str, str, Decimal], ...] = (
    (r"anthropic", r"claude-[a-z]+-(4-[6-9]|[5-9])", "us", Decimal("1.1")),
)
"""Provider and model as regular expressions, where inference ran, and the factor on the prices of tokens, from the
provider's documentation."""

MAX_NAME_LENGTH = 200


LIST_VERSION = version("genai-prices")
LIST_DATE = date(2026, 11, 9)
"""The day of the list's newest change that it did not announce beforehand. The package doesn't state its date; change
this with the package's version (a test compares both)."""


FREE_SUFFIX = ":free"


class PriceList:
    """The price list that ships with genai-prices, never updated over the network; before it, an operator's price file.

    Each instance has its own lookup caches: the library's shared snapshot would keep every user's model names.
    """

    def __init__(self, price_file: PriceFile | None = None) -> None:
        self.price_file = price_file
        self._file_models = None if price_file is None else FileModels(price_file)
        providers = data_snapshot.get_snapshot().providers
        self._snapshot = data_snapshot.DataSnapshot(providers=providers, from_auto_update=False)
        self._by_name = _map_names(providers)

    def find(self, model: str, provider: str | None = None) -> ListedModel | None:
        """Find the provider and model of a log's names ("openai/gpt-4o", "bedrock/...", dated ones) in the list.

        A name that ends in ":free" is the free variant of its model, whether the list has it or only the paid one.
        """
        if len(model) > MAX_NAME_LENGTH:
            return None
        listed = self._find(model, provider)
        if self._file_models is not None and (found := self._find_in_file(self._file_models, model, provider, listed)):
            return found
        return _to_free_variant(listed) if listed and model.strip().lower().endswith(FREE_SUFFIX) else listed

    def _find_in_file(
        self, models: FileModels, model: str, provider: str | None, listed: ListedModel | None
    ) -> ListedModel | None:
        """Return the model of the price file with that name, or with the name that the list has for it."""
        name = model.strip().lower()
        owner = find_owner(name, provider)
        names = [*list_readings(list_spellings(name), owner), (name, owner)]
        if listed is not None and not name.endswith(FREE_SUFFIX):
            names.append((listed[1].id, listed[0].id))
        names += list_readings(list_base_spellings(name), owner)
        found = next((prices for reading, known in names if (prices := models.find(reading, known))), ())
        return build_file_model(found, listed) if found else None

    def _find(self, model: str, provider: str | None) -> ListedModel | None:
        name = model.strip().lower()
        owner = find_owner(name, provider)
        spellings, bases = list_spellings(name), list_base_spellings(name)
        readings = [*list_readings(spellings, owner), *list_readings(bases, owner)]
        if not (owner in SELF_HOSTED | HOSTS or _is_hosted(name)):
            # The list finds a maker by the beginning of a name; not all names of a maker begin alike.
            readings += [(spelling, maker) for spelling in (*spellings, *bases) for maker in MAKERS]
        return next((listed for reading, known in readings if (listed := self._look_up(reading, known))), None)

    def find_similar(self, model: str) -> tuple[str, ...]:
        """Return up to three models of large providers with names like `model`, for a message to the user."""
        known = [m.id for p in self._snapshot.providers if p.id in ("openai", "anthropic", "google") for m in p.models]
        name = model[:MAX_NAME_LENGTH].lower().rsplit("/", 1)[-1]
        return tuple(difflib.get_close_matches(name, known, n=3, cutoff=0.6))

    def _look_up(self, name: str, owner: str | None) -> ListedModel | None:
        if owner is not None and (stated := self._by_name.get((owner, name))):
            return stated
        try:
            found = self._snapshot.find_provider_model(name, None, owner, None)
        except LookupError:
            return None
        if _is_another(name, found):
            return None
        # The list goes by how a name begins, so it could take a dated name for that of another, shorter one.
        versions = (self._by_name.get((found[0].id, base)) for base in list_base_spellings(name))
        stated = self._by_name.get((found[0].id, name))
        return stated or next((one for one in versions if one), found)


def _map_names(providers: Sequence[Provider]) -> dict[tuple[str, str], ListedModel]:
    """Return the list's models by provider and each name that the list states in full. Its rules don't find all of its
    own ids."""
    ids = {(each.id, model.id.lower()): (each, model) for each in providers for model in each.models}
    stated = {
        (each.id, name.lower()): (each, model)
        for each in providers
        for model in each.models
        for name in _iter_stated_names(model.match)
    }
    return stated | ids


def _iter_stated_names(rule: object) -> Iterator[str]:
    match rule:
        case ClauseEquals(equals=name):
            yield name
        case ClauseOr(or_=parts):
            for part in parts:
                yield from _iter_stated_names(part)


def _is_hosted(name: str) -> bool:
    prefix = name.partition("/")[0]
    return PROVIDER_ALIASES.get(prefix, prefix) in HOSTS | SELF_HOSTED


def _is_another(name: str, found: ListedModel) -> bool:
    """Whether the list's rules take a name for a model that it only begins like: DeepSeek sells no distilled models."""
    return found[0].id == "deepseek" and "distill" in name and "distill" not in found[1].id


def list_known_models() -> tuple[str, ...]:
    """Return the ids of the models of MAKERS, with which a log can be compared."""
    providers = data_snapshot.get_snapshot().providers
    return tuple(model.id for provider in providers if provider.id in MAKERS for model in provider.models)


def get_geography_factor(listed: ListedModel, geography: str | None) -> Decimal:
    """Return what the price is multiplied by where inference ran; 1 where that has no price."""
    provider, model = listed
    factors = (
        factor
        for owner, name, area, factor in GEOGRAPHY_FACTORS
        if area == geography and re.fullmatch(owner, provider.id) and re.match(name, model.id)
    )
    return next(factors, Decimal(1))


def _to_free_variant(listed: ListedModel) -> ListedModel:
    provider, model = listed
    name = model.id if model.id.endswith(FREE_SUFFIX) else f"{model.id}{FREE_SUFFIX}"
    return provider, replace(model, id=name, prices=ModelPrice(), price_variants=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTerms:
    """The rules of a provider's prompt cache: the shortest prefix that is cached and the step above it, in tokens, and
    the seconds without use until it expires.

    `is_automatic`: the provider caches by itself; otherwise prompts have to be marked. `long_ttl`: a longer lifetime
    that can be chosen, at the list's price of 1-hour writes. Both lifetimes are among cache_replay.TTLS.
    """

    minimum: int
    step: int = 1
    ttl: int = 300
    long_ttl: int | None = None
    is_automatic: bool = True
    is_documented: bool = True


def _build_claude_terms(minimum: int) -> CacheTerms:
    return CacheTerms(minimum=minimum, long_ttl=3600, is_automatic=False)


OPENAI_CACHE_TERMS = CacheTerms(minimum=1024, step=128)
DEFAULT_CACHE_TERMS = CacheTerms(minimum=1024, step=128, is_documented=False)

CACHE_TERMS: tuple[tuple[str, str, CacheTerms], ...] = (
    (r".*", r"(^|[/.])gpt-(5\.[6-9]|[6-9])", CacheTerms(minimum=1024, step=128, ttl=1800)),
    (r"openai|azure|openrouter", r"(^|/)(gpt|o\d|chatgpt|codex)", OPENAI_CACHE_TERMS),
    (r"aws", r"claude-opus-4-7", _build_claude_terms(4096)),
    (r".*", r"claude-(opus-4-[56]|haiku-[4-9])", _build_claude_terms(4096)),
    (r".*", r"claude-(3-5-haiku|3-haiku|haiku-3|opus-4-7)", _build_claude_terms(2048)),
    (r".*", r"claude-(opus|fable|mythos)-[5-9]", _build_claude_terms(512)),
    (r".*", r"claude", _build_claude_terms(1024)),
    (r".*", r"gemini-2\.5", CacheTerms(minimum=2048)),
    (r".*", r"gemini", CacheTerms(minimum=4096)),
    (r".*", r"amazon\.nova", CacheTerms(minimum=1024, is_automatic=False)),
    (r".*", r"deepseek", CacheTerms(minimum=64, step=64, ttl=3600)),
)
"""Provider and model, as regular expressions on the price list's names, and their terms; the first match applies.

As documented in November 2026: https://developers.openai.com/api/docs/guides/prompt-caching (gpt-5.6 and later keep
prefixes for 30 minutes at least), https://platform.claude.com/docs/en/build-with-claude/prompt-caching and
https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html (minimum by model, lifetimes of 5 minutes and
1 hour), https://ai.google.dev/gemini-api/docs/caching (minimum by model),
https://api-docs.deepseek.com/guides/kv_cache (units of 64 tokens). A Claude model that the page doesn't list has the
minimum of its family's latest listed one."""


def get_cache_terms(provider_id: str | None, model_id: str | None) -> CacheTerms:
    for provider, model, terms in CACHE_TERMS:
        if re.fullmatch(provider, provider_id or "") and re.search(model, model_id or ""):
            return terms
    return DEFAULT_CACHE_TERMS
