from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from netra.core.models import User
from netra.environment import Environment


def me(client: Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/api/me/").json()
    return told


def test_it_tells_who_asks_and_what_this_installation_takes(signed_in: Client, owner: User, settings: Settings) -> None:
    settings.NETRA = Environment(upload_bytes=1234, _env_file=None)
    told = me(signed_in)
    assert (told["id"], told["username"], told["display_name"]) == (str(owner.id), "owner", "Alex Doe")
    assert told["limits"]["upload_bytes"] == 1234
    assert {"name": "tabular", "title": "CSV, JSON lines or Parquet"}.keys() == told["formats"][0].keys()
    assert "input_tokens" in {field["name"] for field in told["fields"]}
    assert told["model"] == {"name": "offline", "notice": None}


@pytest.mark.parametrize("key", ["hush-hush"])
def test_it_tells_what_leaves_the_machine_and_never_the_key(signed_in: Client, settings: Settings, key: str) -> None:
    settings.NETRA = Environment(model="openai:gpt-4o", model_api_key=key, _env_file=None)
    answer = signed_in.get("/api/me/")
    assert "api.openai.com" in answer.json()["model"]["notice"]
    assert key not in answer.content.decode()


def test_nobody_is_told_nothing(client: Client, db: None) -> None:
    answer = client.get("/api/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
