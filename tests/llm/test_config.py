"""Which model was chosen, what is said of it, and choices that cannot be."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.llm import providers
from agents.llm.config import ModelChoice, parse_model_choice
from agents.llm.notice import build_notice
from core.exceptions import BadInput
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python
from tools.registry import TOOLS

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_the_clients_ask_the_server_that_the_notice_names(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://elsewhere")
    choice = chosen(f"{provider}:scripted", api_key="k")
    async with providers.open_remote_model(choice) as model:
        assert (model.base_url or "").rstrip("/") == choice.server_url


async def test_the_clients_connections_are_closed_at_the_end() -> None:
    async with providers.open_remote_model(chosen("openai:scripted", "http://127.0.0.1:9/v1")) as model:
        client: Any = model.provider.client._client  # type: ignore[union-attr]
        assert not client.is_closed
    assert client.is_closed
    del client, model
    gc.collect()  # a ResourceWarning fails the test


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "status", "says"),
    [
        ({"NETRA_MODEL": "nonsense"}, 2, "NETRA_MODEL is 'nonsense'"),
        pytest.param(
            {"NETRA_MODEL": "openai:scripted", "NETRA_MODEL_BASE_URL": "http://127.0.0.1:9/v1"},
            1,
            "is unavailable",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_the_command_says_it_with_its_exit_status(
    settings: dict[str, str], status: int, says: str, tmp_path: Path
) -> None:
    done = optimize(tmp_path, NETRA_MODEL_ATTEMPTS="1", **settings)
    assert done.returncode == status
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_offline_no_models_library_is_even_loaded(tmp_path: Path) -> None:
    done = optimize(tmp_path, "-X", "importtime")
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "django" in loaded
    assert not {"openai", "anthropic", "pydantic_ai"} & loaded


def optimize(folder: Path, *python: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    log = folder / "log.csv"
    log.write_text("time,model,input_tokens,output_tokens\n2026-06-01T00:00:00Z,gpt-4o,1000,10\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    environment = kept | {"NETRA_MODEL": "offline", "NO_PROXY": "127.0.0.1", **settings}
    command = ["manage.py", "optimize", str(log)]
    options: dict[str, Any] = {"cwd": ROOT, "env": environment, "text": True, "timeout": PATIENCE}
    if python:  # options of the interpreter, which nothing forked has
        return subprocess.run([sys.executable, *python, *command], capture_output=True, **options)
    return run_python(command, **options)
