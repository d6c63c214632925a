"""Requests that are too large are refused before anything reads them."""

import re

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from workloads.uploads import PART_BYTES

BODY_BYTES = 1024**2

_PART = re.compile(r"/api/uploads/[^/]+/\Z")


class BodiesMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not length.isdecimal():
            return _refused(411, "length_required", "Say how long the request's body is (Content-Length).")
        is_part = request.method == "PATCH" and _PART.match(request.path_info)
        most = PART_BYTES if is_part else BODY_BYTES
        if int(length) > most:
            return _refused(413, "too_large", f"This is more than the {most:,} bytes that one request may have.")
        return None


def _refused(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)
