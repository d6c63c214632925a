"""What is logged: to standard error, warnings and worse; and where the server listens. One line for one matter, with
ids and without a word of a user."""

import json
from datetime import UTC, datetime
from logging import ERROR, WARNING, Formatter, LogRecord
from typing import Any

from netra.core.correlation import bound
from netra.core.secrets import scrubbed, scrubbed_words
from netra.failures import failure


class TextFormatter(Formatter):
    """For who sits in front of it: tracebacks are whole, so a failure may quote what it stumbled over."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the library's name
        ids = " ".join(f"{name}={value}" for name, value in bound().items())
        line = super().formatMessage(record)
        return scrubbed_words(f"{line} [{ids}]" if ids else line)


class JsonFormatter(Formatter):
    """For a collector: an object per line. Of an address only its route, of a failure only where and what kind."""

    def format(self, record: LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **bound(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = failure(record.exc_info[1])
        return scrubbed(json.dumps(line))


def _message(record: LogRecord) -> str:
    request = getattr(record, "request", None)
    if request is None or not hasattr(request, "resolver_match"):
        return record.getMessage()
    # Django's own lines quote the path, which may hold a link's secret or whatever somebody typed.
    match = request.resolver_match
    said = record.args[0] if isinstance(record.args, tuple) and record.args else "failed"
    return f"{said}: {request.method} {match.route if match else '(no such address)'}"


def tell_refusals_shortly(record: LogRecord) -> bool:
    """A request that is refused is no failure of ours: a warning in one line, whoever asks how often."""
    status = getattr(record, "status_code", None)
    if record.name.startswith("django.security") or (record.name == "django.request" and status and status < 500):
        record.exc_info = record.exc_text = None
        if record.levelno == ERROR:
            record.levelno, record.levelname = WARNING, "WARNING"
    return True


def logging(*, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING."""
    kind = JsonFormatter if as_json else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"netra": {"()": kind}},
        "filters": {"refusals": {"()": lambda: tell_refusals_shortly}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "netra", "filters": ["refusals"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        # Says where it listens, and nothing more at this level once it does.
        "loggers": {"daphne.server": {"level": "INFO"}},
    }
