"""Commands refuse an impossible choice of a model, and load no more than they need."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.long
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
