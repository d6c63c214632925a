"""A request's id, logged and sent as `X-Request-ID`, and the language in which Django and its libraries answer."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

from core.correlation import bind_ids
from core.i18n.language import ENGLISH, Language, request_language

REQUEST_ID_HEADER = "X-Request-ID"

GetResponse = Callable[[HttpRequest], HttpResponseBase]
AsyncGetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def request_id_middleware(get_response: GetResponse | AsyncGetResponse) -> GetResponse | AsyncGetResponse:
    """Give each request an id: a client's own could repeat another request's, or write into our log."""
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            request_id = _assign_request_id(request)
            with bind_ids(request_id=request_id):
                return _add_request_id_header(await cast(AsyncGetResponse, get_response)(request), request_id)

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        request_id = _assign_request_id(request)
        with bind_ids(request_id=request_id):
            return _add_request_id_header(cast(GetResponse, get_response)(request), request_id)

    return respond


def _assign_request_id(request: HttpRequest) -> UUID:
    request_id = uuid4()
    request.request_id = request_id  # type: ignore[attr-defined]  # core.api.views reads it
    return request_id


def _add_request_id_header(response: HttpResponseBase, request_id: UUID) -> HttpResponseBase:
    response.headers[REQUEST_ID_HEADER] = str(request_id)
    return response


# Operators compare the admin's pages with logs and documents, their times are in the format of netra.formats for
# English, and half of their words are our models', which are not translated. The schema is for programs.
ENGLISH_PATHS = ("/admin/", "/api/schema/")


@sync_and_async_middleware
def language_middleware(get_response: GetResponse | AsyncGetResponse) -> GetResponse | AsyncGetResponse:
    """Set the language for Django and its libraries.

    Django's LocaleMiddleware would also choose by a cookie and so differ from our own texts, and its choice would stay
    for whatever the same thread does next.
    """
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            language = _select_language(request)
            with translation.override(language.tag.lower()):
                return _add_language_headers(request, await cast(AsyncGetResponse, get_response)(request), language)

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        language = _select_language(request)
        with translation.override(language.tag.lower()):
            return _add_language_headers(request, cast(GetResponse, get_response)(request), language)

    return respond


def _select_language(request: HttpRequest) -> Language:
    return ENGLISH if _is_english_path(request) else request_language(request)


def _is_english_path(request: HttpRequest) -> bool:
    return request.path_info.startswith(ENGLISH_PATHS)


def _add_language_headers(request: HttpRequest, response: HttpResponseBase, language: Language) -> HttpResponseBase:
    if not _is_english_path(request):
        patch_vary_headers(response, ("Accept-Language",))
    response.headers.setdefault("Content-Language", language.tag)
    return response
