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
    r":(?:batch|free|nitro|floor|online|thinking|extended|beta|exacto)$"
)
_CLAUDE = re.compile(r"(^|[/.])claude-(\d+)(?:[.-](\d))?-(opus|sonnet|haiku)(?=$|[-@:])")
_VERSION = re.compile(
    r"(?:[-@](?:20[1-3]\d-[01]\d-[0-3]\d|20[1-3]\d[01]\d[0-3]\d|latest|default)|"
    r"[-_@:](?:fp8|fp16|bf16|int4|int8|awq|gptq|nvfp4|mxfp4|q[2-8](?:_[0k](?:_[sml])?)?))$"
)
_REGION = re.compile(r"^(?:us|eu|apac|global|jp|au|ca|us-gov)\.(?=[a-z0-9]+\.)")


def list_spellings(model: str) -> tuple[str, ...]:
    """Return the name as it is, and as the price list writes it: without paths and variants, Claude's parts ordered."""
    plain = _DECORATIONS.sub("", model.rsplit("/", 1)[-1] if model.startswith("arn:") else _DECORATIONS.sub("", model))
    hyphened = re.sub(r"[\s_]+", "-", plain)
    ordered = _CLAUDE.sub(lambda m: f"{m[1]}claude-{m[4]}-{m[2]}{'-' + m[3] if m[3] else ''}", hyphened)
    dotless = re.sub(r"(claude-[a-z]+-\d+)\.(\d)", r"\1-\2", ordered)
    written = plain if model.startswith("arn:") else model  # the list would read any part of the path
    return tuple(dict.fromkeys((written, plain, hyphened, ordered, dotless)))


def list_base_spellings(model: str) -> tuple[str, ...]:
    """Return the spellings of the model that a dated, quantised, regional or "-latest" name is a version of; empty for
    other names."""
    plain = _DECORATIONS.sub("", model)
    local = _REGION.sub("", plain)
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
    if BEDROCK_PATTERN.match(model):
        yield 5, (model, "aws")
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
