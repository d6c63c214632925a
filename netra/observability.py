"""The format of log lines: one line per record, with ids, without users' content or secrets.

Exceptions are logged as data that quotes nothing."""

import json
import traceback
from datetime import UTC, datetime
from logging import ERROR, WARNING, Formatter, LogRecord
from typing import Any

from django.db import InterfaceError, OperationalError

from core.correlation import current_ids
from core.exceptions import Defect, OperatorError
from core.redaction import redact, redact_text

SAFE_ERRORS = (Defect, OperatorError, OperationalError, InterfaceError)
"""Errors whose messages are ours or the database server's and quote no content. Others may quote their input."""
MAX_FRAMES = 20
MAX_CAUSES = 5


def describe_error(error: BaseException) -> list[dict[str, Any]]:
    """Return the error and then its causes: kind, frames (innermost last) and, for safe errors, the message."""
    chain: list[dict[str, Any]] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < MAX_CAUSES:
        chain.append(_describe_cause(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return chain


def _describe_cause(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    described: dict[str, Any] = {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if (words := _safe_message(error)) is not None:
        described["words"] = words
    return described


def _safe_message(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        return error.strerror  # without the file's name
    return str(error) if isinstance(error, SAFE_ERRORS) else None


class TextFormatter(Formatter):
    """For a developer's terminal: tracebacks are complete, so an error may quote its input."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the library's name
        ids = " ".join(f"{name}={value}" for name, value in current_ids().items())
        line = super().formatMessage(record)
        return redact_text(f"{line} [{ids}]" if ids else line)


class JsonFormatter(Formatter):
    """For a log collector: one object per line. Of a URL it has only the route, of an error only its kind and place."""

    def format(self, record: LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _format_message(record),
            **current_ids(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return redact(json.dumps(line))


def _format_message(record: LogRecord) -> str:
    request = getattr(record, "request", None)
    if request is None or not hasattr(request, "resolver_match"):
        return record.getMessage()
    # Django's own messages quote the path, which may contain a link's secret or whatever somebody typed.
    match = request.resolver_match
    reason = record.args[0] if isinstance(record.args, tuple) and record.args else "failed"
    return f"{reason}: {request.method} {match.route if match else '(no such address)'}"


def shorten_refusals(record: LogRecord) -> bool:
    """Log a refused request as a warning in one line: it is no error of ours, however often somebody asks."""
    status = getattr(record, "status_code", None)
    if record.name.startswith("django.security") or (record.name == "django.request" and status and status < 500):
        record.exc_info = record.exc_text = None
        if record.levelno == ERROR:
            record.levelno, record.levelname = WARNING, "WARNING"
    return True


def build_logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING setting."""
    formatter = JsonFormatter if as_json else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"netra": {"()": formatter}},
        "filters": {"refusals": {"()": lambda: shorten_refusals}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "netra", "filters": ["refusals"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        # At INFO it logs its address at the start, and nothing later.
        "loggers": {"daphne.server": {"level": "INFO"}},
    }
