"""The language that a request asks for."""

from django.http import HttpRequest
from rest_framework.request import Request

from netra.language.language import Language
from netra.language.languages import asked_for


def spoken(request: HttpRequest | Request) -> Language:
    """By its Accept-Language; English without one."""
    return asked_for(request.headers.get("accept-language", ""))
