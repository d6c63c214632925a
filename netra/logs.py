"""What is logged: to standard error, warnings and worse; and where the server listens."""

from typing import Any

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Says where it listens, and nothing more at this level once it does.
    "loggers": {"daphne.server": {"level": "INFO"}},
}
