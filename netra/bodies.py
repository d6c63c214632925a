"""Requests that are too large are refused before anything reads them."""

import re

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from netra.core.spoken import spoken
from netra.language.text import Text, text
from workloads.uploads import PART_BYTES

BODY_BYTES = 1024**2

_PART = re.compile(r"/api/uploads/[^/]+/\Z")


class BodiesMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not length.isdecimal():
            words = text("Say how long the request's body is (Content-Length).")
            return _refused(request, 411, "length_required", words)
        is_part = request.method == "PATCH" and _PART.match(request.path_info)
        most = PART_BYTES if is_part else BODY_BYTES
        if int(length) > most:
            words = text("This is more than the {bytes:,} bytes that one request may have.", bytes=most)
            return _refused(request, 413, "too_large", words)
        return None


def _refused(request: HttpRequest, status: int, code: str, words: Text) -> JsonResponse:
    return JsonResponse({"code": code, "message": spoken(request).say(words)}, status=status)
