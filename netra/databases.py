"""Django's settings of the database and the channel layer.

SQLite and memory by default; PostgreSQL with DATABASE_URL, Redis with REDIS_URL."""

import os
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from pydantic import SecretStr

from core.concurrency.connection_pool import build_pool_options
from netra.config import BrokenSettings, Environment

HANDSHAKE_THREADS = 2  # that look up who opens a socket; one address gets one of them at a time
OTHER_CONNECTIONS = HANDSHAKE_THREADS + 4
"""Those, the stream's writer, the process's own queries, and an import worker that stores its result."""

CONNECT_SECONDS = 5
"""A PostgreSQL that shuts down waits for whoever is still signing in, a minute by default, and they for it."""


def build_database_settings(environment: Environment) -> dict[str, Any]:
    """Return Django's settings of the default database. Raises BrokenSettings."""
    if environment.database_url is not None:
        _check_pool_size(environment)
        return _parse_postgresql_url("DATABASE_URL", environment.database_url, environment.database_connections)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environment.data_dir / "netra.sqlite3",
        # Of two writers with deferred transactions one fails at once; IMMEDIATE transactions wait.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # secure_delete: deleted rows are overwritten, not left in the file.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
        # A file: the stream's writer is a thread, and threads do not share an in-memory database.
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"netra-test-{os.getpid()}.sqlite3"},
    }


def build_owner_database_settings(environment: Environment) -> dict[str, Any]:
    """Return the settings of the same database with the role that owns its tables, for migrations: `IS_OWNER`, if it is
    another than the application's."""
    if environment.database_owner_url is None:
        return build_database_settings(environment)
    return _parse_postgresql_url("DATABASE_OWNER_URL", environment.database_owner_url, 0) | {"IS_OWNER": True}


def build_channel_layer_settings(environment: Environment) -> dict[str, Any]:
    """Return Django Channels' settings of the layer that carries notifications between processes."""
    if environment.redis_url is None:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    return {
        "BACKEND": "realtime.redis_layer.RedisNotificationLayer",
        # redis-py closes a socket that is silent for 5 s; here hours may pass without a notification.
        "CONFIG": {"hosts": [{"address": environment.redis_url.get_secret_value(), "socket_timeout": None}]},
    }


def _check_pool_size(environment: Environment) -> None:
    """Refuse a pool with fewer connections than threads: threads that wait for a connection while they hold what the
    others wait for would be a deadlock."""
    needed = environment.database_threads + environment.rest_at_once + OTHER_CONNECTIONS
    if 0 < environment.database_connections < needed:
        raise BrokenSettings(
            f"NETRA_DATABASE_CONNECTIONS: at least {needed} are needed (NETRA_DATABASE_THREADS + NETRA_REST_AT_ONCE + "
            f"{OTHER_CONNECTIONS}), or 0 for no pool"
        )


def _parse_postgresql_url(name: str, url: SecretStr, connections: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url.get_secret_value()))
    except ValueError:  # its text contains the URL, and so the password
        raise BrokenSettings(f"{name}: not a database URL (postgres://user:password@host/name)") from None
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise BrokenSettings(f"{name}: only postgres:// URLs are supported; without one, SQLite is used")
    pool = {"pool": dict(build_pool_options(connections))} if connections else {}
    # Connections that a restart of the database has broken are not handed out.
    return found | {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": bool(pool),
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS, **found.get("OPTIONS", {}), **pool},
    }
