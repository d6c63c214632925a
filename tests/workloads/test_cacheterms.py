import pytest

from workloads.cacheterms import OPENAI, UNDOCUMENTED, terms_of


@pytest.mark.parametrize(
    ("provider", "model", "minimum"),
    [
        ("anthropic", "claude-opus-4-5", 4096),
        ("aws", "regional.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
        ("anthropic", "claude-3-5-haiku-latest", 2048),
        ("anthropic", "claude-sonnet-4-5", 1024),
        ("google", "gemini-2.5-flash-lite", 1024),
        ("google", "gemini-2.5-pro", 2048),
        ("deepseek", "deepseek-chat", 64),
    ],
)
def test_it_knows_the_minimum_of_a_model(provider: str, model: str, minimum: int) -> None:
    assert terms_of(provider, model).minimum == minimum


def test_it_knows_openais_steps_at_azure_and_openrouter_too() -> None:
    assert {terms_of("openai", "gpt-4o"), terms_of("azure", "gpt-4o"), terms_of("openrouter", "openai/gpt-4o")} == {
        OPENAI
    }


def test_it_says_where_terms_are_not_documented() -> None:
    assert terms_of(None, None) is UNDOCUMENTED
    assert not terms_of("groq", "llama-3").documented
