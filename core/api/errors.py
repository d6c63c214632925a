"""Every error of the REST interface in one shape: `{"code", "message"}`, with `fields` for bad fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from netra.core.api.strict import UNKNOWN
from netra.core.exceptions import (
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
from netra.core.fulldisk import disk_full, means_full
from netra.core.spoken import spoken
from netra.language.language import Language
from netra.language.languages import ENGLISH
from netra.language.text import text

STATUS: Mapping[type[NetraError], int] = MappingProxyType(
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

CODES: Mapping[int, str] = MappingProxyType(
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


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None for a defect: that is Django's 500, logged with its traceback."""
    request: Request | None = context.get("request")
    language: Language = context.get("language") or (ENGLISH if request is None else spoken(request))
    if means_full(error):
        error = disk_full()
    for kind, code in STATUS.items():
        if isinstance(error, kind):
            return told(code, error.code, language.say(str(error)), **error.details)
    answer = exception_handler(error, dict(context))
    if answer is None:
        return None
    answer.data = {"code": CODES.get(answer.status_code, "error")} | _said(error, answer.data, language)
    return answer


def told(status_code: int, code: str, message: str, **details: Any) -> Response:
    """An error as an answer."""
    return Response({"code": code, "message": message, **details}, status=status_code)


def _said(error: Exception, data: Any, language: Language) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = _worded(data if isinstance(data, dict) else {"non_field_errors": data}, language)
        return {"message": "; ".join(_sentences(fields)), "fields": fields}
    if isinstance(error, Http404 | exceptions.NotFound):
        return {"message": language.say(text("There is no such thing among yours."))}
    if isinstance(error, PermissionDenied):
        return {"message": language.say(text("You may not do this."))}
    return {"message": str(data.get("detail", error)) if isinstance(data, dict) else str(error)}


def _worded(told: Any, language: Language) -> Any:
    """The same with our own errors, which have only codes so far, in words."""
    if isinstance(told, Mapping):
        return {name: _worded(each, language) for name, each in told.items()}
    if isinstance(told, list | tuple):
        return [_worded(each, language) for each in told]
    return language.say(text("There is no such field.")) if getattr(told, "code", None) == UNKNOWN else told


def _sentences(told: Any, path: str = "") -> list[str]:
    """Each with where it belongs: "assumptions.price: …"."""
    if isinstance(told, Mapping):
        return [words for name, each in told.items() for words in _sentences(each, _below(path, str(name)))]
    if isinstance(told, list | tuple):
        return [words for each in told for words in _sentences(each, path)]
    return [f"{path}: {told}" if path else str(told)]


def _below(path: str, name: str) -> str:
    return path if name == "non_field_errors" else f"{path}.{name}" if path else name
