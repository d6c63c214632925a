from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import User
from netra.config import Environment
from tools.policy.models import Plan
from workloads.models import Upload


def me(client: Client) -> dict[str, Any]:
    data: dict[str, Any] = client.get("/api/me/").json()
    return data


def test_it_describes_the_user_and_the_installation(signed_in: Client, owner: User, settings: Settings) -> None:
    settings.NETRA = Environment(upload_bytes=1234, _env_file=None)
    data = me(signed_in)
    assert (data["id"], data["username"], data["display_name"]) == (str(owner.id), "owner", "Alex Doe")
    assert data["limits"]["upload_bytes"] == 1234
    assert {"name": "tabular", "title": "Table (columns detected)"}.keys() == data["formats"][0].keys()
    assert "input_tokens" in {field["name"] for field in data["fields"]}
    assert data["model"] == {"name": "offline", "notice": None}


def test_it_has_the_used_storage_and_the_limit(
    signed_in: Client, owner: User, settings: Settings, tmp_path: Path
) -> None:
    settings.NETRA = Environment(data_dir=tmp_path, stored_bytes=5000, _env_file=None)
    assert me(signed_in)["storage"] == {"used_bytes": 0, "limit_bytes": 5000}
    Upload.objects.create(owner=owner, name="a", size=1234)
    Upload.objects.create(owner=User.objects.create(username="another"), name="a", size=999)
    assert me(signed_in)["storage"] == {"used_bytes": 1234, "limit_bytes": 5000}
    Plan.objects.filter(is_default=True).update(stored_mb=1)
    assert me(signed_in)["storage"]["limit_bytes"] == 1024**2


@pytest.mark.parametrize("key", ["hush-hush"])
def test_it_has_the_models_notice_and_no_key(signed_in: Client, settings: Settings, key: str) -> None:
    settings.NETRA = Environment(model="openai:gpt-4o", model_api_key=key, _env_file=None)
    answer = signed_in.get("/api/me/")
    assert "api.openai.com" in answer.json()["model"]["notice"]
    assert key not in answer.content.decode()


def test_nobody_is_told_nothing(client: Client, db: None) -> None:
    answer = client.get("/api/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
