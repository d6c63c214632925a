"""Error responses where no view answers: a page for browsers, JSON for programs below `/api/`."""

import sys
from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from core.api.errors import DATABASE_AWAY, RETRY_SECONDS
from core.db import is_database_away
from core.i18n.language import request_language
from core.i18n.text import Text, text

DEFAULT_MESSAGES: Mapping[int, tuple[str, Text]] = MappingProxyType(
    {
        400: ("bad_input", text("The request is invalid.")),
        403: ("permission_denied", text("You don't have permission to do this.")),
        404: ("not_found", text("Page not found.")),
        500: (
            "defect",
            text("Something went wrong on our side. The error was logged. Try again, or contact your administrator."),
        ),
    }
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _render_default(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _render_default(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _render_default(request, 404)


def defect(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed with an error, which Django calls this for within its `except`."""
    error = sys.exception()
    if error is None or not is_database_away(error):
        return _render_default(request, 500)
    response = render_error(request, 503, "busy", DATABASE_AWAY)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent from another site, or from a page that was open for too long."""
    words = text("This page has expired or was opened from another site. Go back, reload it and try again.")
    return _render_default(request, 403, words)


def _render_default(request: HttpRequest, status: int, words: Text | None = None) -> HttpResponse:
    code, default = DEFAULT_MESSAGES[status]
    return render_error(request, status, code, words or default)


def render_error(request: HttpRequest, status: int, code: str, words: Text) -> HttpResponse:
    """Return a page with the message, or JSON below `/api/`."""
    language = request_language(request)
    message = language.translate(words)
    if request.path_info.startswith("/api/"):
        return JsonResponse({"code": code, "message": message}, status=status)
    # Rendered without the request, so that an error page never looks up a session.
    page = render_to_string("error.html", {"message": message, "language": language})
    return HttpResponse(page, status=status)
