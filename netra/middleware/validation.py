"""Requests whose address or type cannot be decoded: refused here, before anything reads them."""

from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from netra import errorpages
from netra.language.text import text

UTF_8 = ("utf-8", "utf8")


class UndecodableMiddleware(MiddlewareMixin):
    """400 for a path or query that is not UTF-8, or has a NUL, which no database keeps; 415 for another charset."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        if not all(map(_is_decodable, (_path(request), request.META.get("QUERY_STRING", "")))):
            return errorpages.bad_request(request, ValueError())
        charset = (request.content_params or {}).get("charset")
        if charset is not None and charset.lower() not in UTF_8:
            return errorpages.answer(request, 415, "unsupported_media_type", text("Send text in UTF-8."))
        return None


def _path(request: HttpRequest) -> str:
    """As it was sent, where the server says so: decoded, what was broken is a question mark."""
    raw: bytes | None = getattr(request, "scope", {}).get("raw_path")
    return request.path_info if raw is None else raw.decode("latin-1")


def _is_decodable(quoted: str) -> bool:
    if "%" not in quoted:
        return "\0" not in quoted
    try:
        return "\0" not in unquote_to_bytes(quoted).decode("utf-8")
    except UnicodeDecodeError:
        return False
