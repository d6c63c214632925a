import pytest

from workloads.pricing.price_list import DEFAULT_CACHE_TERMS, OPENAI_CACHE_TERMS, get_cache_terms


@pytest.mark.parametrize(
    ("provider", "model", "minimum"),
    [
        ("anthropic", "claude-opus-4-5", 4096),
        ("aws", "regional.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
        ("anthropic", "claude-3-5-haiku-latest", 2048),
        ("anthropic", "claude-sonnet-4-5", 1024),
        ("google", "gemini-2.5-flash-lite", 2048),
        ("google", "gemini-3.5-flash", 4096),
        ("anthropic", "claude-opus-4-7", 2048),
        ("aws", "global.anthropic.claude-opus-4-7-v1:0", 4096),
        ("anthropic", "claude-opus-4-8", 1024),
        ("anthropic", "claude-opus-5", 512),
        ("anthropic", "claude-sonnet-4-6", 1024),
        ("anthropic", "claude-sonnet-5", 1024),
        ("anthropic", "claude-haiku-5-5", 4096),
        ("google", "gemini-2.5-pro", 2048),
        ("deepseek", "deepseek-chat", 64),
    ],
)
def test_it_knows_the_minimum_of_a_model(provider: str, model: str, minimum: int) -> None:
    assert get_cache_terms(provider, model).minimum == minimum


def test_it_knows_openais_steps_at_azure_and_openrouter_too() -> None:
    assert {
        get_cache_terms("openai", "gpt-4o"),
        get_cache_terms("azure", "gpt-4o"),
        get_cache_terms("openrouter", "openai/gpt-4o"),
    } == {OPENAI_CACHE_TERMS}


def test_it_says_where_terms_are_not_documented() -> None:
    assert get_cache_terms(None, None) is DEFAULT_CACHE_TERMS
    assert not get_cache_terms("groq", "llama-3").is_documented
