"""Requests around one hostile text, and what parses them before a view does."""

import io
from collections.abc import Callable
from typing import Any

from django.http import QueryDict, parse_cookie
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory, override_settings
from django.utils.http import parse_etags, parse_header_parameters, parse_http_date_safe
from rest_framework.authentication import get_authorization_header
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from whitenoise.responders import StaticFile

from core.api.json_media import JSONParser
from netra.server.headers import are_headers_too_long, remove_escaped_cookies


class UnparsedRefusal(Exception):
    """What is longer than anything of ours parses."""


def header(name: str, parse: Callable[[str], object]) -> Callable[[str], object]:
    """As the server does it: lengths first, then cookies with escapes, then whoever parses the header."""

    def run(text: str) -> object:
        given = [(name.encode(), text.encode("latin-1", "replace"))]
        if are_headers_too_long(given):
            raise UnparsedRefusal
        return parse(remove_escaped_cookies(given)[0][1].decode("latin-1"))

    return run


def cookies(text: str) -> object:
    return parse_cookie(text)


def host(text: str) -> object:
    with override_settings(ALLOWED_HOSTS=["netra.example.com", ".example.org"]):
        return RequestFactory().get("/", HTTP_HOST=text).get_host()


def content_type(text: str) -> object:
    return parse_header_parameters(text)


def accept(text: str) -> object:
    request = Request(RequestFactory().get("/", HTTP_ACCEPT=text))
    return DefaultContentNegotiation().select_renderer(request, [JSONRenderer()])


def authorization(text: str) -> object:
    return get_authorization_header(Request(RequestFactory().get("/", HTTP_AUTHORIZATION=text))).split()


def ranges(text: str) -> object:
    return StaticFile.parse_byte_range(text)


def date(text: str) -> object:
    return parse_http_date_safe(text)


def etags(text: str) -> object:
    return parse_etags(text)


def query(text: str) -> object:
    return QueryDict(text)


def json_body(text: str) -> object:
    return JSONParser().parse(io.BytesIO(text.encode("utf-8", "replace")), "application/json", {})


def multipart_body(text: str) -> object:
    body = b"--x\r\n" + text.encode("utf-8", "replace") + b"\r\n--x--\r\n"
    meta: Any = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": len(body)}
    return MultiPartParser(meta, io.BytesIO(body), [], "utf-8").parse()


def multipart_value(text: str) -> object:
    return multipart_body(f'Content-Disposition: form-data; name="a"\r\n\r\n{text}')
