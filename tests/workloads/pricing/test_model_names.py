import pytest

from workloads.pricing.price_list import PriceList

CATALOGUE = PriceList()


@pytest.mark.parametrize(
    ("model", "provider", "found"),
    [
        ("gpt-4o", None, ("openai", "gpt-4o")),
        ("GPT-4o ", "OpenAI", ("openai", "gpt-4o")),
        ("openai/gpt-4o", None, ("openai", "gpt-4o")),
        ("openai/gpt-4o", "openai", ("openai", "gpt-4o")),
        ("gpt-4o-2024-08-06", None, ("openai", "gpt-4o")),
        ("azure/gpt-4o", None, ("azure", "gpt-4o")),
        ("gpt-4o", "azure_ai", ("azure", "gpt-4o")),
        ("anthropic/claude-sonnet-4-5-20250929", None, ("anthropic", "claude-sonnet-4-5")),
        ("gemini/gemini-2.5-pro", None, ("google", "gemini-2.5-pro")),
        ("openrouter/openai/gpt-4o", None, ("openrouter", "openai/gpt-4o")),
        ("litellm_proxy/openai/gpt-4o", None, ("openai", "gpt-4o")),
        ("gpt-4o", "a-gateway-of-ours", ("openai", "gpt-4o")),
    ],
)
def test_it_reads_names_as_logs_write_them(model: str, provider: str | None, found: tuple[str, str]) -> None:
    entry = CATALOGUE.find(model, provider)
    assert entry is not None
    assert (entry[0].id, entry[1].id) == found


@pytest.mark.parametrize("model", ["bedrock/", "bedrock/us-east-1/", ""])
def test_it_finds_bedrock_names_with_any_prefix(model: str) -> None:
    entry = CATALOGUE.find(f"{model}us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert entry is not None
    assert entry[0].id == "aws"


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("no-such-model", None),
        ("gpt-4o-mine", None),
        ("mistral-7b", "ollama"),
        ("ollama/mistral", None),
        ("", None),
        ("/", "/"),
        ("gpt-4o" * 100, None),
    ],
)
def test_it_guesses_no_unknown_model(model: str, provider: str | None) -> None:
    assert CATALOGUE.find(model, provider) is None


def test_it_suggests_similar_names() -> None:
    assert "gpt-4o" in CATALOGUE.find_similar("openai/gpt4o")
    assert CATALOGUE.find_similar("<script>") == ()
