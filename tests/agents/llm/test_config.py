"""The choice of a model, its description, and impossible choices."""

import gc
from typing import Any

import pytest

from agents.llm import providers
from agents.llm.config import ModelChoice, build_notice, parse_model_choice
from core.exceptions import BadInput
from tools.registry import TOOLS


def chosen(model: str, base_url: str | None = None, api_key: str | None = None) -> ModelChoice:
    return parse_model_choice(model, base_url=base_url, api_key=api_key, timeout=60, attempts=3)


@pytest.mark.parametrize(
    ("choice", "server"),
    [
        (chosen("openai:gpt-5", api_key="k"), "gpt-5 at https://api.openai.com/v1"),
        (chosen("anthropic:claude", api_key="k"), "claude at https://api.anthropic.com"),
        (chosen("openai:llama3:8b", "http://localhost:11434/v1"), "llama3:8b at http://localhost:11434/v1"),
    ],
)
def test_the_notice_names_model_and_server(choice: ModelChoice, server: str) -> None:
    assert server in str(build_notice(choice, ()))


def test_offline_has_nothing_to_tell() -> None:
    assert build_notice(chosen("offline", api_key="k"), TOOLS.values()) is None


@pytest.mark.parametrize(
    ("model", "settings", "says"),
    [
        ("nonsense", {}, "must be 'offline', 'openai:<model>' or 'anthropic:<model>'"),
        ("openai:", {"api_key": "k"}, "must be 'offline'"),
        ("gemini:pro", {"api_key": "k"}, "must be 'offline'"),
        ("", {}, "NETRA_MODEL is ''"),
        ("openai:gpt-5", {}, "Set NETRA_MODEL_API_KEY, or set NETRA_MODEL_BASE_URL"),
        ("anthropic:claude", {}, "Set NETRA_MODEL_API_KEY."),
        ("anthropic:claude", {"base_url": "http://localhost:1/v1"}, "Use it with NETRA_MODEL=openai:<model>"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_one_sentence(model: str, settings: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match="^NETRA_MODEL") as caught:
        chosen(model, **settings)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "localhost:8000",
        "ftp://localhost/v1",
        "http://",
        "http://host:port/v1",
        "http://[::1/v1",
        "https://user:secret@host/v1",
        "https://host/v1?key=secret",
        "just words",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(base_url: str) -> None:
    with pytest.raises(BadInput, match="NETRA_MODEL_BASE_URL must be an address") as caught:
        chosen("openai:gpt-5", base_url)
    assert "secret" not in str(caught.value)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_the_clients_ask_the_server_that_the_notice_names(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://elsewhere")
    choice = chosen(f"{provider}:scripted", api_key="k")
    async with providers.open_remote_model(choice) as model:
        assert (model.base_url or "").rstrip("/") == choice.server_url


@pytest.mark.slow
async def test_the_clients_connections_are_closed_at_the_end() -> None:
    async with providers.open_remote_model(chosen("openai:scripted", "http://127.0.0.1:9/v1")) as model:
        client: Any = model.provider.client._client  # type: ignore[union-attr]
        assert not client.is_closed
    assert client.is_closed
    del client, model
    gc.collect()  # a ResourceWarning fails the test
