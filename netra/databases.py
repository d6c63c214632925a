"""Django's settings of the database and the channel layer: SQLite and memory, or PostgreSQL (DATABASE_URL) and Redis (REDIS_URL)."""

import os
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from pydantic import SecretStr

from netra.config import BrokenSettings, Environment

OTHER_CONNECTIONS = 4  # connections: the stream's writer, what a process does for itself, and room for a reader's end


def build_database_settings(environment: Environment) -> dict[str, Any]:
    """Django's settings of the database that everything uses. Raises BrokenSettings."""
    if environment.database_url is not None:
        _check_pool_size(environment)
        return _parse_postgresql_url("DATABASE_URL", environment.database_url, environment.database_connections)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environment.data_dir / "netra.sqlite3",
        # Deferred transactions fail at once where two writers meet; IMMEDIATE ones wait their turn.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # What is deleted is overwritten, not left in the file.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
        # A file: the stream's writer is a thread, and threads do not share an in-memory database.
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"netra-test-{os.getpid()}.sqlite3"},
    }


def build_owner_database_settings(environment: Environment) -> dict[str, Any]:
    """The same database as the role that owns its tables, for migrations."""
    if environment.database_owner_url is None:
        return build_database_settings(environment)
    return _parse_postgresql_url("DATABASE_OWNER_URL", environment.database_owner_url, 0)


def build_channel_layer_settings(environment: Environment) -> dict[str, Any]:
    """Django Channels' settings of the layer that processes ring each other by."""
    if environment.redis_url is None:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    return {
        "BACKEND": "realtime.broadcast.RedisNotificationLayer",
        # redis-py gives up on a socket that is quiet for 5 s; a bell may be quiet for hours.
        "CONFIG": {"hosts": [{"address": environment.redis_url.get_secret_value(), "socket_timeout": None}]},
    }


def _check_pool_size(environment: Environment) -> None:
    """Whoever waits for a connection while holding a place, and so keeps others from one, would be a circle."""
    needed = environment.database_threads + environment.rest_at_once + OTHER_CONNECTIONS
    if 0 < environment.database_connections < needed:
        raise BrokenSettings(
            f"NETRA_DATABASE_CONNECTIONS: {needed} are needed at least (NETRA_DATABASE_THREADS + NETRA_REST_AT_ONCE + "
            f"{OTHER_CONNECTIONS}), or 0 for no pool"
        )


def _parse_postgresql_url(name: str, url: SecretStr, connections: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url.get_secret_value()))
    except ValueError:  # its text has the address, and with it the password
        raise BrokenSettings(f"{name}: this is no address of a database (postgres://user:password@host/name)") from None
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise BrokenSettings(f"{name}: only postgres:// addresses are taken; without one, SQLite is used")
    pool = {"pool": {"min_size": 1, "max_size": connections}} if connections else {}
    return found | {"CONN_MAX_AGE": 0, "OPTIONS": {**found.get("OPTIONS", {}), **pool}}
