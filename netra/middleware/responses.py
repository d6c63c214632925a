"""Headers that every response gets, and static files served as whole responses."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import http_date
from whitenoise.middleware import WhiteNoiseMiddleware

# No page needs a device or payments, so an injected script can't use them either.
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()"


class HeadersMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Clients correct their clock by it (RFC 9110, 6.6.1); daphne does not send it.
        response.headers.setdefault("Date", http_date())
        # Responses for one user are never cached; static files have their own header.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves whole files: whitenoise's streams would pass from thread to event loop piece by piece, with a warning."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """Add collected files, if there are any: in development there are none."""
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
