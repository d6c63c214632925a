"""Errors of the REST interface in one shape: `{"code", "message"}`, with `fields` for invalid fields."""

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
from core.db import is_disk_full_error
from core.exceptions import (
    BadInput,
    Conflict,
    NetraError,
    NotAllowed,
    NotFound,
    OperatorError,
    StorageFull,
    TooLarge,
    TooManyRuns,
    UserGone,
)
from core.files import build_disk_full_error
from core.i18n.language import ENGLISH, Language, request_language
from core.i18n.text import text

STATUS_BY_ERROR: Mapping[type[NetraError], int] = MappingProxyType(
    {
        NotFound: status.HTTP_404_NOT_FOUND,
        Conflict: status.HTTP_409_CONFLICT,
        UserGone: status.HTTP_401_UNAUTHORIZED,
        NotAllowed: status.HTTP_403_FORBIDDEN,
        TooManyRuns: status.HTTP_429_TOO_MANY_REQUESTS,
        TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        BadInput: status.HTTP_400_BAD_REQUEST,
        StorageFull: status.HTTP_507_INSUFFICIENT_STORAGE,
        OperatorError: status.HTTP_503_SERVICE_UNAVAILABLE,
    }
)
"""The first class that an error is an instance of counts."""

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
    """DRF's EXCEPTION_HANDLER. None for a defect: that is Django's 500, logged with its traceback."""
    request: Request | None = context.get("request")
    language: Language = context.get("language") or (ENGLISH if request is None else request_language(request))
    if is_disk_full_error(error):
        error = build_disk_full_error()
    for kind, code in STATUS_BY_ERROR.items():
        if isinstance(error, kind):
            return build_error_response(code, error.code, language.translate(str(error)), **error.details)
    answer = exception_handler(error, dict(context))
    if answer is None:
        return None
    answer.data = {"code": CODE_BY_STATUS.get(answer.status_code, "error")} | _describe_error(
        error, answer.data, language
    )
    return answer


def build_error_response(status_code: int, code: str, message: str, **details: Any) -> Response:
    """An error as an answer."""
    return Response({"code": code, "message": message, **details}, status=status_code)


def _describe_error(error: Exception, data: Any, language: Language) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = _translate_codes(data if isinstance(data, dict) else {"non_field_errors": data}, language)
        return {"message": "; ".join(_flatten_messages(fields)), "fields": fields}
    if isinstance(error, Http404 | exceptions.NotFound):
        return {"message": language.translate(text("There is no such thing among yours."))}
    if isinstance(error, PermissionDenied):
        return {"message": language.translate(text("You may not do this."))}
    return {"message": str(data.get("detail", error)) if isinstance(data, dict) else str(error)}


def _translate_codes(told: Any, language: Language) -> Any:
    """The same with our own errors, which have only codes so far, in words."""
    if isinstance(told, Mapping):
        return {name: _translate_codes(each, language) for name, each in told.items()}
    if isinstance(told, list | tuple):
        return [_translate_codes(each, language) for each in told]
    return language.translate(text("There is no such field.")) if getattr(told, "code", None) == UNKNOWN_FIELD else told


def _flatten_messages(told: Any, path: str = "") -> list[str]:
    """Each with where it belongs: "assumptions.price: …"."""
    if isinstance(told, Mapping):
        return [words for name, each in told.items() for words in _flatten_messages(each, _join_path(path, str(name)))]
    if isinstance(told, list | tuple):
        return [words for each in told for words in _flatten_messages(each, path)]
    return [f"{path}: {told}" if path else str(told)]


def _join_path(path: str, name: str) -> str:
    return path if name == "non_field_errors" else f"{path}.{name}" if path else name
