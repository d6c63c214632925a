"""Requests that are too large are refused before anything reads them, on servers that have not done so already."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from netra.core.spoken import spoken
from netra.server.bodies import body_limit
from netra.server.refusals import Refusal, no_length, too_large


class BodiesMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not (length.isdecimal() and len(length) <= 18):
            return _refused(request, no_length())
        limit = body_limit(request.method or "", request.path_info, has_credentials=True)
        return _refused(request, too_large(limit)) if int(length) > limit else None


def _refused(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    answer = {"code": refusal.code, "message": spoken(request).say(refusal.words)}
    return JsonResponse(answer, status=refusal.status)
