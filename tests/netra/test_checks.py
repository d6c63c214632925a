"""Production does not serve with settings that are unsafe there."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from netra.checks import find_unsafe_settings, require_safe_settings
from netra.config import Environment
from tests.support.python_processes import run_python

ROOT = Path(__file__).parents[2]
KEY = "u8Zq2vNw7Rk4Tb9Yc1Xe5Jm3Hs6Lp0Ga"
SAFE: dict[str, Any] = {
    "environment": "production",
    "secret_key": KEY,
    "origins": "https://netra.example.com",
    "email_host": "mail.example.com",
    "hsts_seconds": 3600,
}


def list_check_ids(tmp_path: Path, given: dict[str, Any] | None = None, **django: Any) -> set[str]:
    """Ids of what is wrong with a safe installation that differs in this."""
    tmp_path.chmod(0o700)
    mine = Environment(_env_file=None, **(SAFE | {"data_dir": tmp_path} | (given or {})))
    settings: dict[str, Any] = {
        "NETRA": mine,
        "OBJECT_STORE": None,
        "DEBUG": mine.debug,
        "ALLOWED_HOSTS": list(mine.allowed_hosts),
        "SESSION_COOKIE_SECURE": mine.cookies_are_secure,
        "CSRF_COOKIE_SECURE": mine.cookies_are_secure,
        "SECURE_HSTS_SECONDS": mine.hsts_seconds,
        "CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}},
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if mine.email_host else 'console'}.EmailBackend",
    }
    return {each.id for each in find_unsafe_settings(SimpleNamespace(**settings | django))}


def test_a_safe_installation_is_told_nothing(tmp_path: Path) -> None:
    assert list_check_ids(tmp_path) == set()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"debug": True}, {"netra.E001"}),
        ({"secret_key": None}, {"netra.E002"}),
        ({"secret_key": "   "}, {"netra.E002"}),
        ({"secret_key": "short"}, {"netra.E003"}),
        ({"secret_key": "ab" * 30}, {"netra.E003"}),
        ({"secret_key": f"django-insecure-{KEY}"}, {"netra.E004"}),
        ({"origins": None}, {"netra.E005", "netra.E007"}),
        ({"origins": ""}, {"netra.E005", "netra.E007"}),
        ({"origins": "http://netra.example.com"}, {"netra.E006"}),
        ({"hosts": "*"}, {"netra.E007"}),
        ({"hosts": ".example.com"}, {"netra.E007"}),
        ({"hosts": ""}, {"netra.E007"}),
        ({"secure_cookies": False}, {"netra.E008"}),
        ({"hsts_seconds": 0}, {"netra.W009"}),
        ({"processes": 2}, {"netra.E010", "netra.E011", "netra.E027"}),
        ({"runner": False}, {"netra.E018", "netra.E027"}),
        ({"email_host": None}, {"netra.W013"}),
        ({"email_host": None, "sign_up": True}, {"netra.E012"}),
    ],
)
def test_what_is_unsafe_is_found(tmp_path: Path, given: dict[str, Any], wrong: set[str]) -> None:
    assert list_check_ids(tmp_path, given) == wrong


def test_a_data_folder_that_everybody_can_read_is_found(tmp_path: Path) -> None:
    (folder := tmp_path / "data").mkdir()
    folder.chmod(0o755)
    assert list_check_ids(tmp_path, {"data_dir": folder}) == {"netra.E014"}
    folder.chmod(0o750)
    assert list_check_ids(tmp_path, {"data_dir": folder}) == set()


def test_several_processes_are_well_with_what_they_can_share(tmp_path: Path) -> None:
    shared = {"BACKEND": "realtime.redis_layer.RedisNotificationLayer"}
    database = {"ENGINE": "django.db.backends.postgresql"}
    wrong = list_check_ids(
        tmp_path,
        {"processes": 2, "data_shared": True},
        CHANNEL_LAYERS={"default": shared},
        DATABASES={"default": database},
    )
    assert wrong == set()


def test_several_processes_need_a_store_or_a_folder_that_is_said_to_be_the_same(tmp_path: Path) -> None:
    shared = {"BACKEND": "realtime.redis_layer.RedisNotificationLayer"}
    parts = {
        "CHANNEL_LAYERS": {"default": shared},
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    }
    assert list_check_ids(tmp_path, {"runner": False}, **parts) == {"netra.E027"}
    assert list_check_ids(tmp_path, {"runner": False, "data_shared": True}, **parts) == set()
    assert list_check_ids(tmp_path, {"runner": False}, OBJECT_STORE="any", **parts) == set()


def test_workers_reach_the_servers_through_redis(tmp_path: Path) -> None:
    database, layer = {"ENGINE": "django.db.backends.postgresql"}, {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    settings = {"DATABASES": {"default": database}, "CHANNEL_LAYERS": {"default": layer}}
    assert list_check_ids(tmp_path, {"runner": False, "data_shared": True}, **settings) == {"netra.E019"}


def test_half_a_configuration_is_an_error_in_development(settings: Settings) -> None:
    settings.NETRA = Environment(runner=False, processes=2, _env_file=None)
    assert {"netra.E010", "netra.E011", "netra.E018", "netra.E027"} <= ids()


def ids(*, deploy: bool = False) -> set[str]:
    said = (each.id or "" for each in run_checks(include_deployment_checks=deploy))
    return {each for each in said if each.startswith("netra.")}


@pytest.mark.slow
def test_development_is_green_and_warned_when_it_asks(settings: Settings) -> None:
    assert ids() == set()
    warned = [each for each in run_checks(include_deployment_checks=True) if (each.id or "").startswith("netra.")]
    assert {"netra.E002", "netra.E006"} <= {each.id for each in warned}
    assert not any(each.is_serious() for each in warned)


def test_production_is_red(settings: Settings) -> None:
    settings.NETRA = Environment(environment="production", _env_file=None)
    assert {"netra.E002", "netra.E005"} <= ids()


def test_production_that_is_unsafe_does_not_serve(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.NETRA = Environment(environment="production", _env_file=None)
    with pytest.raises(SystemExit, match="unsafe settings"):
        require_safe_settings()
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("netra.") for line in lines)
    assert any("NETRA_SECRET_KEY" in line for line in lines)


def test_development_serves(settings: Settings) -> None:
    settings.NETRA = Environment(_env_file=None)
    require_safe_settings()


@pytest.mark.slow
def test_a_safe_production_serves(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    variables = {f"NETRA_{name.upper()}": str(value) for name, value in SAFE.items()} | {
        "NETRA_DATA_DIR": str(tmp_path)
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    ask = "import django; django.setup(); from netra import checks; checks.require_safe_settings(); print('serves')"
    done = run_python(
        ["-c", ask],
        cwd=ROOT,
        env=plain | variables | {"DJANGO_SETTINGS_MODULE": "netra.settings"},
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "serves\n", "")
