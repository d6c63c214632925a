"""Headers that every response gets, and static files served as whole responses."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import http_date
from whitenoise.middleware import WhiteNoiseMiddleware

# Nothing here needs a device or a payment; a script that got in shall not get them either.
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()"


class HeadersMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # By it a client knows how far its own clock is off (RFC 9110, 6.6.1); daphne sends none.
        response.headers.setdefault("Date", http_date())
        # What is made for one person is kept by no cache; static files bring a header of their own.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Whitenoise, but whole files: as streams they would cross from thread to loop piece by piece, with a warning."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """What was collected, where anything was: in development nothing is."""
        if Path(root).is_dir():
            super().add_files(root, prefix)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
