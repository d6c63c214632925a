"""Errors of the REST interface in one shape: `{"code", "message"}`, with `fields` for invalid fields."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.api.serializers import UNKNOWN_FIELD
from core.db import is_database_away, is_disk_full_error
from core.exceptions import (
    BadInput,
    Conflict,
    NetraError,
    NotAllowed,
    NotFound,
    OperatorError,
    StorageFull,
    TooLarge,
    TooManyComputations,
    TooManyRuns,
    UserGone,
)
from core.files import build_disk_full_error
from core.i18n.language import ENGLISH, Language, request_language
from core.i18n.text import text
from core.models import Owned

log = logging.getLogger(__name__)
RETRY_SECONDS = 2  # until a request is worth repeating whose database was away
DATABASE_AWAY = text("The server can't reach its database. Try again in a moment.")

STATUS_BY_ERROR: Mapping[type[NetraError], int] = MappingProxyType(
    {
        NotFound: status.HTTP_404_NOT_FOUND,
        Conflict: status.HTTP_409_CONFLICT,
        UserGone: status.HTTP_401_UNAUTHORIZED,
        NotAllowed: status.HTTP_403_FORBIDDEN,
        TooManyRuns: status.HTTP_429_TOO_MANY_REQUESTS,
        TooManyComputations: status.HTTP_429_TOO_MANY_REQUESTS,
        TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        BadInput: status.HTTP_400_BAD_REQUEST,
        StorageFull: status.HTTP_507_INSUFFICIENT_STORAGE,
        OperatorError: status.HTTP_503_SERVICE_UNAVAILABLE,
    }
)
"""The first class that matches an error counts."""

CODE_BY_STATUS: Mapping[int, str] = MappingProxyType(
    {
        400: "bad_input",
        401: "not_authenticated",
        403: "permission_denied",
        404: "not_found",
        405: "method_not_allowed",
        406: "not_acceptable",
        409: "conflict",
        413: "too_large",
        415: "unsupported_media_type",
        429: "throttled",
    }
)


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Returns None for a defect: Django answers 500 and logs the traceback."""
    request: Request | None = context.get("request")
    language: Language = context.get("language") or (ENGLISH if request is None else request_language(request))
    if is_disk_full_error(error):
        error = build_disk_full_error()
    for error_class, status_code in STATUS_BY_ERROR.items():
        if isinstance(error, error_class):
            return build_error_response(status_code, error.code, language.translate(str(error)), **error.details)
    if is_database_away(error):
        log.warning("a request failed because the database is away: %r", error)
        message = language.translate(DATABASE_AWAY)
        unavailable = build_error_response(status.HTTP_503_SERVICE_UNAVAILABLE, "busy", message)
        unavailable["Retry-After"] = str(RETRY_SECONDS)
        return unavailable
    response = exception_handler(error, dict(context))
    if response is None:
        return None
    code = CODE_BY_STATUS.get(response.status_code, "error")
    response.data = {"code": code} | _describe_error(error, response.data, language)
    return response


def build_error_response(status_code: int, code: str, message: str, **details: Any) -> Response:
    """Return an error response."""
    return Response({"code": code, "message": message, **details}, status=status_code)


def _describe_error(error: Exception, data: Any, language: Language) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = _translate_codes(data if isinstance(data, dict) else {"non_field_errors": data}, language)
        return {"message": "; ".join(_flatten_messages(fields)), "fields": fields}
    if isinstance(error, Http404 | exceptions.NotFound):
        return {"message": language.translate(Owned.NOT_FOUND)}
    if isinstance(error, PermissionDenied):
        return {"message": language.translate(text("You don't have permission to do this."))}
    return {"message": str(data.get("detail", error)) if isinstance(data, dict) else str(error)}


def _translate_codes(errors: Any, language: Language) -> Any:
    """Return the errors with a message in place of our own error codes."""
    if isinstance(errors, Mapping):
        return {name: _translate_codes(inner, language) for name, inner in errors.items()}
    if isinstance(errors, list | tuple):
        return [_translate_codes(inner, language) for inner in errors]
    if getattr(errors, "code", None) == UNKNOWN_FIELD:
        return language.translate(text("Unknown field."))
    return errors


def _flatten_messages(errors: Any, path: str = "") -> list[str]:
    """Return all messages, each after its field: "assumptions.price: …"."""
    if isinstance(errors, Mapping):
        items = [(inner, _join_path(path, str(name))) for name, inner in errors.items()]
    elif isinstance(errors, list | tuple):
        items = [(inner, path) for inner in errors]
    else:
        return [f"{path}: {errors}" if path else str(errors)]
    return [message for inner, inner_path in items for message in _flatten_messages(inner, inner_path)]


def _join_path(path: str, name: str) -> str:
    return path if name == "non_field_errors" else f"{path}.{name}" if path else name
