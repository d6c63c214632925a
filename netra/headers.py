"""Headers of every answer that no library sets."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import http_date

# Nothing here needs a device or a payment; a script that got in shall not get them either.
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()"


class HeadersMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # By it a client knows how far its own clock is off (RFC 9110, 6.6.1); daphne sends none.
        response.headers.setdefault("Date", http_date())
        # What is made for one person is kept by no cache; static files bring a header of their own.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
