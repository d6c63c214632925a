"""Settings of an installation, and the messages about impossible ones."""

import os
import re
import stat
from pathlib import Path

import pytest
from django.conf import settings

from netra import config
from netra.config import BrokenSettings, Environment, read_environment
from netra.origins import normalize_origin, to_host, to_websocket_origin
from tests.support.python_processes import run_python
from workloads.child_process import DEFAULT_LIMITS, limits_from_settings
from workloads.uploads import DISK_RESERVE

ROOT = Path(__file__).parents[2]


def environment(**given: object) -> Environment:
    return Environment(_env_file=None, **given)  # type: ignore[arg-type]


def read(tmp_path: Path, text: str) -> Environment:
    (tmp_path / ".env").write_text(text)
    return read_environment(tmp_path / ".env")


def manage(*words: str, **variables: str) -> tuple[int, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    done = run_python(["manage.py", *words], cwd=ROOT, env=plain | variables, text=True)
    return done.returncode, str(done.stderr)


def test_the_file_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "NETRA_PORT=8123\nNETRA_SIGN_UP=yes\n").port == 8123


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NETRA_PORT=http", "NETRA_PORT: "),
        ("NETRA_PORT=99999", "NETRA_PORT: "),
        ("NETRA_ORIGINS=netra.example.com", "NETRA_ORIGINS: must be a full origin"),
        ("NETRA_ORIGINS=*", "NETRA_ORIGINS: must be a full origin"),
        ("NETRA_ORIGINS=https://netra.example.com/chat", "NETRA_ORIGINS: an origin can't have a path"),
        ("NETRA_ENVIRONMENT=prod", "NETRA_ENVIRONMENT: "),
        ("NETRA_OIDC=nonsense", "NETRA_OIDC: invalid JSON"),
        ('NETRA_OIDC=[{"id": "a b"}]', "NETRA_OIDC[0][id]: "),
        ("NETRA_PORT=8000\nwhat is this?\n", ".env, line 2: expected NAME=value"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_it(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BrokenSettings) as raised:
        read(tmp_path, text)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NETRA_PORT=\xff\xfe")
    with pytest.raises(BrokenSettings, match="not UTF-8"):
        read_environment(tmp_path / ".env")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    text = 'NETRA_OIDC=[{"id": "x", "secret": "hush-hush", "client_id": 7}]\nNETRA_EMAIL_PORT=hush-hush\n'
    with pytest.raises(BrokenSettings) as raised:
        read(tmp_path, text)
    assert "hush" not in str(raised.value)
    assert "hush" not in repr(environment(secret_key="hush", old_secret_keys=["hush"], email_password="hush"))


@pytest.mark.slow
def test_a_command_ends_with_that_line() -> None:
    status, said = manage("check", NETRA_PORT="nonsense")
    assert status == 1
    assert re.fullmatch(r"NETRA_PORT: [^\n]+\n", said)


def test_in_development_this_machine_is_the_address() -> None:
    mine = environment(port=8123)
    assert mine.allowed_origins == ("http://127.0.0.1:8123", "http://localhost:8123")
    assert mine.allowed_hosts == ("127.0.0.1", "localhost")


def test_in_production_there_is_none_unless_it_is_said() -> None:
    assert environment(environment="production").allowed_origins == ()
    said = environment(environment="production", origins="https://a.example, https://b.example:8443/")
    assert said.allowed_origins == ("https://a.example", "https://b.example:8443")
    assert said.allowed_hosts == ("a.example", "b.example")
    assert environment(origins="https://a.example", hosts="x.example").allowed_hosts == ("x.example",)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("HTTPS://Netra.Example.com:443", "https://netra.example.com"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_as_browsers_send_it(written: str, sent: str) -> None:
    assert normalize_origin(written) == sent


@pytest.mark.parametrize(
    "written", ["", "null", "https://", "ftp://a", "https://a:b@c", "https://a?b", "https://a:port"]
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        normalize_origin(written)


def test_hosts_and_websockets_follow_from_origins() -> None:
    assert to_host("http://[::1]:8000") == "[::1]"
    assert to_websocket_origin("https://a.example:8443") == "wss://a.example:8443"
    assert to_websocket_origin("http://http.example") == "ws://http.example"


class TestSecretKey:
    def test_the_given_one_counts(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").write_text("kept")
        assert config.load_secret_key(environment(secret_key="given", data_dir=tmp_path)) == "given"

    def test_in_development_the_kept_one_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").write_text("kept\n")
        assert config.load_secret_key(environment(data_dir=tmp_path)) == "kept"

    @pytest.mark.parametrize("given", [None, "", "  "])
    def test_without_one_it_is_made_up_anew(self, tmp_path: Path, given: str | None) -> None:
        mine = environment(data_dir=tmp_path, secret_key=given)
        assert len(config.load_secret_key(mine)) >= 48
        assert config.load_secret_key(mine) != config.load_secret_key(mine)

    def test_production_takes_no_kept_one(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").write_text("kept")
        assert config.load_secret_key(environment(environment="production", data_dir=tmp_path)) != "kept"

    def test_one_that_cannot_be_read_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").mkdir()
        with pytest.raises(BrokenSettings, match="secret_key"):
            config.load_secret_key(environment(data_dir=tmp_path))


def test_nothing_is_served_or_kept_beside_the_data_folder() -> None:
    assert Path(settings.STATIC_ROOT).is_relative_to(settings.NETRA.data_dir)
    assert not stat.S_ISLNK((ROOT / "netra/settings.py").lstat().st_mode)


def test_every_setting_is_documented() -> None:
    told = (ROOT / "docs/operations.md").read_text()
    for name, field in Environment.model_fields.items():
        assert f"`{field.validation_alias or f'NETRA_{name.upper()}'}`" in told


def test_limits_have_the_same_defaults_with_and_without_settings() -> None:
    assert limits_from_settings(environment()) == DEFAULT_LIMITS
    assert environment().disk_reserve_bytes == DISK_RESERVE
