"""Spellings of model names by system: prefixes of gateways, regions, dates, versions and variants.

A name is looked up as it is first, then in ever plainer spellings, and only in the end as the model that a dated,
quantised or "-latest" name is a version of. What no spelling finds is not guessed."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from workloads.pricing.file_models import PROVIDER_ALIASES

SELF_HOSTED = frozenset(
    {"ollama", "ollama_chat", "vllm", "hosted_vllm", "lm_studio", "llamafile", "triton", "xinference"}
)
"""Servers that users run themselves, to which the list price of the model does not apply."""

HOSTS = frozenset(
    {
        "baseten",
        "cerebras",
        "databricks",
        "deepinfra",
        "fireworks",
        "groq",
        "novita",
        "ovhcloud",
        "sambanova",
        "together",
    }
)
"""Providers of other makers' models, at prices of their own: the maker's price is not theirs."""

PATH_OWNERS: Mapping[str, str] = MappingProxyType({"arn:aws:": "aws", "projects/": "google", "publishers/": "google"})
"""The provider of a name that begins like a cloud's path."""

BEDROCK_PATTERN = re.compile(
    r"^(?:[a-z-]+\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek|ai21|openai|qwen|writer|google|minimax|moonshotai|"
    r"nvidia|zai)\."
)

_DECORATIONS = re.compile(
    r"^(?:arn:aws:bedrock:[^/]*/|models/|(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/)|"
    r":(?:batch|free|nitro|floor|online|thinking|extended|beta|exacto)$|[-_/ ]\(?batch\)?$"
)
_PROVIDER_NAMES = frozenset(
    {
        *("openai", "anthropic", "google", "google-gla", "google-vertex", "vertex_ai", "gemini", "mistral", "groq"),
        *("cohere", "xai", "deepseek", "azure", "bedrock", "openrouter", "together", "fireworks", "perplexity"),
    }
)
"""Providers before a colon, as in "openai:gpt-4o"."""
_MAKERS: Mapping[str, str] = MappingProxyType({"openai": "openai", "google": "google", "xai": "x-ai"})
"""Makers whose models a cloud sells as "maker.model" at their prices."""
_COLON = re.compile(r"^([a-z][a-z_-]{2,20}):(?=[a-z0-9])")
_DATE_APART = re.compile(r"\s?\((20[1-3]\d-[01]\d-[0-3]\d)\)$")
_CLAUDE = re.compile(r"(^|[/.])claude-(\d+)(?:[.-](\d))?-(opus|sonnet|haiku)(?=$|[-@:])")
_EFFORT = re.compile(r"^((?:[\w.-]+/)?(?:gpt-5|o[134])[\w.-]*?)-(?:minimal|low|medium|high|xhigh)$")
"""How much a model was told to think, which tools add to its name; the price doesn't depend on it."""
_GATEWAYS = frozenset({"litellm", "litellm_proxy", "portkey", "helicone", "gateway", "proxy", "router", "llmgateway"})
"""Prefixes of gateways, which say nothing on the provider."""
_VERSION = re.compile(
    r"(?:[-@](?:20[1-3]\d-[01]\d-[0-3]\d|20[1-3]\d[01]\d[0-3]\d|latest|default|00[1-9])|"
    r"[-_@:](?:fp8|fp16|bf16|int4|int8|awq|gptq|nvfp4|mxfp4|q[2-8](?:_[0k](?:_[sml])?)?))$"
)
_REGION = re.compile(r"^(?:us|eu|apac|global|jp|au|ca|us-gov)\.(?=[a-z0-9]+\.)")


def list_spellings(model: str) -> tuple[str, ...]:
    """Return the name as it is, and as the price list writes it: without paths and variants, Claude's parts ordered."""
    plain = _DECORATIONS.sub("", model.rsplit("/", 1)[-1] if model.startswith("arn:") else _DECORATIONS.sub("", model))
    plain = _COLON.sub(_name_provider, plain)
    hyphened = re.sub(r"^gpt(?=\d)", "gpt-", re.sub(r"[\s_]+", "-", _DATE_APART.sub(r"-\1", plain)))
    ordered = _CLAUDE.sub(lambda m: f"{m[1]}claude-{m[4]}-{m[2]}{'-' + m[3] if m[3] else ''}", hyphened)
    dotless = re.sub(r"(claude-[a-z]+-\d+)\.(\d)", r"\1-\2", ordered)
    written = plain if model.startswith("arn:") else model  # the list would read any part of the path
    return tuple(dict.fromkeys((written, plain, hyphened, ordered, dotless)))


def _name_provider(found: re.Match[str]) -> str:
    """Return "openai/" for "openai:", if it is a provider and no kind of model, such as "ft:"."""
    return f"{found[1]}/" if found[1] in _PROVIDER_NAMES else found[0]


def list_base_spellings(model: str) -> tuple[str, ...]:
    """Return the spellings of the model that a dated, quantised, regional or "-latest" name is a version of; empty for
    other names."""
    plain = _DECORATIONS.sub("", model)
    local = _REGION.sub("", _EFFORT.sub(r"\1", plain))
    bases = (local, _VERSION.sub("", local), _VERSION.sub("", _VERSION.sub("", local)))
    found = (spelling for base in bases if base and base != plain for spelling in list_spellings(base))
    return tuple(dict.fromkeys(found))


def find_owner(model: str, provider: str | None) -> str | None:
    """Return the provider of a name by the list's name for it: the log's, or that of a cloud's path."""
    owner = (provider or "").strip().lower()
    if owner:
        return PROVIDER_ALIASES.get(owner, owner)
    return next((found for start, found in PATH_OWNERS.items() if model.startswith(start)), None)


def list_readings(spellings: tuple[str, ...], owner: str | None) -> tuple[tuple[str, str | None], ...]:
    """Return the interpretations of a name's spellings as (model, provider), the most specific first; of one kind, the
    spelling that is nearest to the name first."""
    ranked = [
        (rank, place, reading)
        for place, spelling in enumerate(spellings)
        for rank, reading in _iter_readings(spelling, owner)
    ]
    ranked.sort(key=lambda entry: entry[:2])
    return tuple(dict.fromkeys(reading for _, _, reading in ranked))


def _iter_readings(model: str, owner: str | None) -> Iterator[tuple[int, tuple[str, str | None]]]:
    """Yield interpretations of one spelling with their ranks; a lower rank is more specific."""
    if owner:
        yield 0, (model, owner)
    prefix, slash, rest = model.partition("/")
    known = PROVIDER_ALIASES.get(prefix, prefix)
    if slash:
        if owner:
            yield 1, (rest, owner)
        if owner not in HOSTS:
            yield 2, (rest, known)
            yield from _iter_nested(prefix, rest)
    if prefix in _GATEWAYS:
        yield 6, (rest, None)
    if BEDROCK_PATTERN.match(model):
        yield 5, (model, "aws")
    maker, dot, sold = model.partition(".")
    if dot and maker in _MAKERS:
        yield 7, (sold, _MAKERS[maker])
    if owner not in SELF_HOSTED | HOSTS and not (slash and known in HOSTS):
        yield 6, (model, None)


def _iter_nested(prefix: str, rest: str) -> Iterator[tuple[int, tuple[str, str | None]]]:
    """Yield interpretations of "provider/region/model" and "gateway/provider/model"."""
    inner, slash, tail = rest.partition("/")
    if slash and prefix not in SELF_HOSTED:
        known = PROVIDER_ALIASES.get(prefix, prefix)
        yield 3, (tail, known)
        if known not in HOSTS:
            yield 4, (tail, PROVIDER_ALIASES.get(inner, inner))
