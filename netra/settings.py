"""Settings, read once from the environment (prefix NETRA_) and from `.env` in the project's root."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """What an installation may set; each field NAME is read from NETRA_NAME."""

    model_config = SettingsConfigDict(
        env_prefix="NETRA_", env_file=BASE_DIR / ".env", extra="ignore", protected_namespaces=()
    )

    debug: bool = False
    secret_key: SecretStr | None = None
    data_dir: Path = BASE_DIR / "var"

    model: str = "offline"  # "offline", "openai:<name>" or "anthropic:<name>"
    model_base_url: str | None = None  # an OpenAI-compatible server
    model_api_key: SecretStr | None = None
    model_timeout_seconds: float = Field(default=60, gt=0)
    model_attempts: int = Field(default=3, ge=1, le=10)

    engine_capacity: int = Field(default=16, ge=1)  # runs at once in this process
    analysis_threads: int = Field(default=2, ge=1)  # logs analysed at once in this process
    run_seconds: float = Field(default=600, gt=0)  # a run's deadline


NETRA = Environment()

DEBUG = NETRA.debug
# Without a key of its own an installation gets one that lasts as long as the process: nothing signed outlives it.
SECRET_KEY = NETRA.secret_key.get_secret_value() if NETRA.secret_key else secrets.token_urlsafe(48)
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "netra.apps.NetraConfig",
    "netra.core.apps.CoreConfig",
    "workloads.apps.WorkloadsConfig",
    "tools.apps.ToolsConfig",
    "agents.apps.AgentsConfig",
    "realtime.apps.RealtimeConfig",
]
MIDDLEWARE: list[str] = []

AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": NETRA.data_dir / "netra.sqlite3",
        # Deferred transactions fail at once where two writers meet; IMMEDIATE ones wait their turn.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # A file: the stream's writer is a thread, and threads do not share an in-memory database.
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"netra-test-{os.getpid()}.sqlite3"},
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
