"""Every model of the price list, as systems write its name: each spelling has the model's price, and no two models
become one. The spellings are those of Amazon Bedrock, Vertex AI, Azure, OpenRouter, LiteLLM and hosts of models."""

import re
from collections.abc import Iterator

import pytest
from genai_prices import data_snapshot
from genai_prices.types import ClauseEquals, ClauseOr, ModelInfo, Provider

from workloads.pricing.price_list import PriceList

pytestmark = [pytest.mark.slow, pytest.mark.long]

LIST = PriceList()
PROVIDERS = {provider.id: provider for provider in data_snapshot.get_snapshot().providers}
LISTED_NAMES = {(provider.id, model.id.lower()) for provider in PROVIDERS.values() for model in provider.models}
LITELLM = {
    "anthropic": ("anthropic",),
    "aws": ("bedrock", "bedrock_converse"),
    "azure": ("azure", "azure_ai"),
    "cerebras": ("cerebras",),
    "cohere": ("cohere", "cohere_chat"),
    "deepseek": ("deepseek",),
    "fireworks": ("fireworks_ai",),
    "google": ("gemini", "vertex_ai"),
    "groq": ("groq",),
    "meta": ("meta_llama",),
    "mistral": ("mistral",),
    "moonshotai": ("moonshot",),
    "novita": ("novita",),
    "openai": ("openai", "text-completion-openai"),
    "openrouter": ("openrouter",),
    "perplexity": ("perplexity",),
    "together": ("together_ai",),
    "x-ai": ("xai",),
}
"""LiteLLM's prefixes and provider names for the list's providers."""

MAKERS = ("anthropic", "cohere", "deepseek", "mistral", "openai", "x-ai")
DATED = re.compile(r"\d{4}-?\d\d-?\d\d$")
Spelling = tuple[str, str | None]


def spell_everywhere(provider: Provider, name: str) -> Iterator[Spelling]:
    yield name, provider.id
    yield name.upper(), provider.id
    yield f" {name} ", provider.id
    yield f"{provider.id}/{name}", None
    yield f"litellm_proxy/{provider.id}/{name}", None
    for prefix in LITELLM.get(provider.id, ()):
        yield f"{prefix}/{name}", None
        yield name, prefix
    if provider.id in MAKERS:
        yield name, None


def spell_openai(name: str) -> Iterator[Spelling]:
    if "latest" not in name and not DATED.search(name):
        yield f"{name}-2026-08-07", None
        yield f"{name}-20260807", "openai"
        yield f"azure/{name}-2026-08-07", "openai"


def spell_anthropic(name: str) -> Iterator[Spelling]:
    if "latest" not in name and not DATED.search(name):
        yield f"{name}-20260929", None
        yield f"{name}-latest", None
        yield f"anthropic/{name}@20260929", None
    yield re.sub(r"-(\d+)-(\d+)$", r"-\1.\2", name), "anthropic"


def spell_google(name: str) -> Iterator[Spelling]:
    yield f"models/{name}", "google"
    yield f"publishers/google/models/{name}", None
    yield f"projects/a-project/locations/us-central1/publishers/google/models/{name}", None
    if not DATED.search(name):
        yield f"vertex_ai/{name}@20260929", None
        yield f"{name}@default", "vertex_ai"


def spell_aws(name: str) -> Iterator[Spelling]:
    yield f"bedrock/us-east-1/{name}", None
    yield f"arn:aws:bedrock:us-east-1::foundation-model/{name}", None
    yield f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{name}", None
    if not name.startswith(("regional.", "global.")):
        yield from ((f"{region}.{name}", None) for region in ("us", "eu", "apac"))


def spell_openrouter(name: str) -> Iterator[Spelling]:
    variants = (":nitro", ":floor", ":online", ":extended", ":exacto", ":beta")
    first = len(name) % 3  # two of them with each of the hundreds of models, and each with many
    for variant in variants[first::3] if ":" not in name else ():
        yield f"{name}{variant}", "openrouter"
        yield f"openrouter/{name}{variant}", None


def spell_hosted(name: str) -> Iterator[str]:
    for weights in ("fp8", "FP8", "bf16", "int4", "awq", "gptq"):
        yield f"{name}-{weights}"


def list_spellings(provider: Provider, model: ModelInfo) -> Iterator[Spelling]:
    name = model.id
    yield from spell_everywhere(provider, name)
    match provider.id:
        case "openai":
            yield from spell_openai(name)
        case "anthropic":
            yield from spell_anthropic(name)
        case "google":
            yield from spell_google(name)
        case "aws":
            yield from spell_aws(name)
        case "openrouter":
            yield from spell_openrouter(name)
        case "together" | "fireworks" | "novita" | "groq":
            yield from ((spelling, provider.id) for spelling in spell_hosted(name))


def is_another_model(provider: Provider, model: ModelInfo, name: str) -> bool:
    """Whether a variant's name is that of a model of its own in the list."""
    plain = name.lower().removeprefix(f"{provider.id}/")
    return plain != model.id.lower() and (provider.id, plain) in LISTED_NAMES


def get_price(model: ModelInfo) -> str:
    return repr((model.prices, model.price_variants))


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.id)
def test_every_spelling_has_the_price_of_its_model(provider: Provider) -> None:
    wrong = []
    for model in provider.models:
        for name, owner in list_spellings(provider, model):
            if is_another_model(provider, model, name):
                continue
            found = LIST.find(name, owner)
            if name.startswith("azure/"):  # the list has some of OpenAI's models at Azure, at the same prices
                same = found is not None and found[0].id in ("azure", "openai")
            else:
                same = found is not None and get_price(found[1]) == get_price(model)
            if not same:
                wrong.append((name, owner, found and (found[0].id, found[1].id)))
    assert wrong == []


def list_stated_names(rule: object) -> Iterator[str]:
    match rule:
        case ClauseEquals(equals=name):
            yield name
        case ClauseOr(or_=parts):
            for part in parts:
                yield from list_stated_names(part)


def test_every_name_that_the_list_states_is_its_model() -> None:
    wrong = [
        (provider.id, name)
        for provider in PROVIDERS.values()
        for model in provider.models
        for name in list_stated_names(model.match)
        if (found := LIST.find(name, provider.id)) is None or get_price(found[1]) != get_price(model)
    ]
    assert wrong == []


def test_no_two_models_become_one() -> None:
    found = {
        (provider.id, model.id): LIST.find(model.id, provider.id)
        for provider in PROVIDERS.values()
        for model in provider.models
    }
    assert {name for name, listed in found.items() if listed is None or (listed[0].id, listed[1].id) != name} == set()


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("deepseek-r1-distill-qwen-999b", "groq"),
        ("deepseek-r1-distill-qwen-999b", None),
        ("groq/gpt-4o", None),
        ("gpt-4o", "together_ai"),
        ("gpt-4o-2024-13-45", None),
        ("gpt-4o-fp9", None),
        ("ollama/gpt-4o-fp8", None),
        ("latest", None),
        ("-latest", None),
        ("@20260101", None),
        ("us.", None),
    ],
)
def test_a_hosts_price_is_not_guessed_from_the_makers_and_no_model_from_a_like_name(
    name: str, provider: str | None
) -> None:
    assert LIST.find(name, provider) is None


def test_a_regional_bedrock_name_has_the_regional_price() -> None:
    plain, regional = (LIST.find(f"{prefix}anthropic.claude-sonnet-4-5-20250929-v1:0") for prefix in ("global.", "us."))
    assert plain is not None and regional is not None
    assert {plain[0].id, regional[0].id} == {"aws"}
    assert LIST.find(regional[1].id, "aws") == regional
    assert get_price(plain[1]) != get_price(regional[1])


def test_fine_tuned_names_have_the_price_of_fine_tuning() -> None:
    tuned, plain = LIST.find("ft:gpt-4o-2024-08-06:acme::abc123"), LIST.find("gpt-4o")
    assert tuned is not None and plain is not None
    assert get_price(tuned[1]) != get_price(plain[1])


def test_a_dated_name_is_not_taken_for_a_shorter_one() -> None:
    """A dated text-to-speech model was priced as the plain one whose name it begins with."""
    found = LIST.find("vertex_ai/gemini-2.5-flash-lite-preview-tts@20260929")
    assert found is not None
    assert found[1].id == "gemini-2.5-flash-lite-preview-tts"
