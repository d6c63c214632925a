from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from netra import databases
from netra.config import BrokenSettings, Environment, read_environment

SECRET = "sesame-open"


def build_environment(tmp_path: Path, **settings: Any) -> Environment:
    return Environment(_env_file=None, data_dir=tmp_path, **settings)


def test_without_an_address_it_is_a_file_of_the_data_folder(tmp_path: Path) -> None:
    assert databases.build_database_settings(build_environment(tmp_path))["NAME"] == tmp_path / "netra.sqlite3"
    assert databases.build_channel_layer_settings(build_environment(tmp_path))["BACKEND"].endswith(
        "InMemoryChannelLayer"
    )


def test_addresses_come_by_the_names_that_platforms_give_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://netra:{SECRET}@db.example:6432/n")
    monkeypatch.setenv("DATABASE_OWNER_URL", f"postgres://boss:{SECRET}@db.example:6432/n")
    monkeypatch.setenv("REDIS_URL", "redis://bell.example:6380/2")
    found = read_environment(tmp_path / ".env")
    mine, boss = databases.build_database_settings(found), databases.build_owner_database_settings(found)
    assert (mine["USER"], mine["HOST"], mine["PORT"], mine["NAME"]) == ("netra", "db.example", 6432, "n")
    assert mine["OPTIONS"]["pool"]["max_size"] == found.database_connections
    assert mine["OPTIONS"]["connect_timeout"] == boss["OPTIONS"]["connect_timeout"] == databases.CONNECT_SECONDS
    assert (boss["USER"], mine["CONN_MAX_AGE"]) == ("boss", 0)
    layer = databases.build_channel_layer_settings(found)
    assert layer["CONFIG"]["hosts"] == [{"address": "redis://bell.example:6380/2", "socket_timeout": None}]
    assert SECRET not in repr(found)


@pytest.mark.parametrize("url", [f"nonsense {SECRET}", f"mysql://a:{SECRET}@h/n", f"postgres://a:{SECRET}@h:port/n"])
def test_what_is_no_address_is_said_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(BrokenSettings, match="DATABASE_URL") as caught:
        databases.build_database_settings(build_environment(tmp_path, database_url=url))
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("connections", "taken"), [(14, False), (15, True), (0, True)])
def test_a_pool_in_which_requests_could_take_what_runs_wait_for_is_refused(
    tmp_path: Path, connections: int, taken: bool
) -> None:
    mine = Environment(
        _env_file=None,
        data_dir=tmp_path,
        database_url=SecretStr("postgres://netra@localhost/netra"),
        database_threads=4,
        rest_at_once=5,
        database_connections=connections,
    )
    if taken:
        assert databases.build_database_settings(mine)["ENGINE"] == "django.db.backends.postgresql"
    else:
        with pytest.raises(BrokenSettings, match="NETRA_DATABASE_CONNECTIONS: at least 15 are needed"):
            databases.build_database_settings(mine)
