"""Refusal of requests that cannot be decoded, bodies and form fields that are too long, and input that views refuse."""

from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from core.exceptions import BadInput
from core.i18n.language import request_language
from core.i18n.text import text
from netra import error_pages
from netra.server.limits import get_body_limit
from netra.server.refusals import Refusal, body_too_large, length_required

UTF_8 = ("utf-8", "utf8")
FORM_PATH = "/accounts/"  # of the forms whose fields are limited
MAX_FIELD_CHARACTERS = 2048  # of one form field; the longest valid one is a URL to redirect to


class UndecodableMiddleware(MiddlewareMixin):
    """Answers 400 to a path or query that is not UTF-8 or has a NUL, and 415 to another charset."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        if not all(map(_is_decodable, (_raw_path(request), request.META.get("QUERY_STRING", "")))):
            return error_pages.bad_request(request, ValueError())
        charset = (request.content_params or {}).get("charset")
        if charset is not None and charset.lower() not in UTF_8:
            return error_pages.render_error(request, 415, "unsupported_media_type", text("Send text in UTF-8."))
        return None


def _raw_path(request: HttpRequest) -> str:
    """Return the path as it was sent, if the server provides it: the decoded one has question marks for bad bytes."""
    raw: bytes | None = getattr(request, "scope", {}).get("raw_path")
    return request.path_info if raw is None else raw.decode("latin-1")


def _is_decodable(quoted: str) -> bool:
    if "%" not in quoted:
        return "\0" not in quoted
    try:
        return "\0" not in unquote_to_bytes(quoted).decode("utf-8")
    except UnicodeDecodeError:
        return False


class BodyLimitMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not (length.isdecimal() and len(length) <= 18):
            return _to_json_response(request, length_required())
        limit = get_body_limit(request.method or "", request.path_info, has_credentials=True)
        return _to_json_response(request, body_too_large(limit)) if int(length) > limit else None


def _to_json_response(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    answer = {"code": refusal.code, "message": request_language(request).translate(refusal.message)}
    return JsonResponse(answer, status=refusal.status)


class FormLimitsMiddleware(MiddlewareMixin):
    """Limits the fields of the sign-in's forms before a form, the database or a password hash gets them.

    Unicode normalization, by which names and addresses are compared, takes quadratic time.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(FORM_PATH):
            return None
        fields = (value for data in (request.GET, request.POST) for _, values in data.lists() for value in values)
        if all(len(value) <= MAX_FIELD_CHARACTERS for value in fields):
            return None
        words = text("A field of this form is too long: enter at most {most:,} characters.", most=MAX_FIELD_CHARACTERS)
        return error_pages.render_error(request, 400, "bad_input", words)


class BadInputMiddleware(MiddlewareMixin):
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 400 with the error's message; any other error stays a defect."""
        if not isinstance(exception, BadInput):
            return None
        return error_pages.render_error(request, 400, exception.code, exception.message)
