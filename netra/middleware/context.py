"""A request's id, which is logged and answered as `X-Request-ID`, and the language that Django and its libraries answer in."""

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
    """Made here, never taken from the caller, who could give two requests one id or write into our log."""
    if iscoroutinefunction(get_response):

        async def answered_later(request: HttpRequest) -> HttpResponseBase:
            made = _assign_request_id(request)
            with bind_ids(request_id=made):
                return _add_request_id_header(await cast(AsyncGetResponse, get_response)(request), made)

        return answered_later

    def answered(request: HttpRequest) -> HttpResponseBase:
        made = _assign_request_id(request)
        with bind_ids(request_id=made):
            return _add_request_id_header(cast(GetResponse, get_response)(request), made)

    return answered


def _assign_request_id(request: HttpRequest) -> UUID:
    made = uuid4()
    request.request_id = made  # type: ignore[attr-defined]  # core.api.views reads it
    return made


def _add_request_id_header(answer: HttpResponseBase, made: UUID) -> HttpResponseBase:
    answer.headers[REQUEST_ID_HEADER] = str(made)
    return answer


# Operators compare what the admin shows with logs, documents and one another, times in it are as netra.formats writes
# them for English, and half of its words are our models', which nobody translates. The schema is for programs.
ENGLISH_PATHS = ("/admin/", "/api/schema/")


@sync_and_async_middleware
def language_middleware(get_response: GetResponse | AsyncGetResponse) -> GetResponse | AsyncGetResponse:
    """In place of Django's LocaleMiddleware, which would choose by a cookie too, and differently from what we say
    ourselves, and would leave its choice to whatever the same thread does next."""
    if iscoroutinefunction(get_response):

        async def answered_later(request: HttpRequest) -> HttpResponseBase:
            language = _select_language(request)
            with translation.override(language.tag.lower()):
                return _add_language_headers(request, await cast(AsyncGetResponse, get_response)(request), language)

        return answered_later

    def answered(request: HttpRequest) -> HttpResponseBase:
        language = _select_language(request)
        with translation.override(language.tag.lower()):
            return _add_language_headers(request, cast(GetResponse, get_response)(request), language)

    return answered


def _select_language(request: HttpRequest) -> Language:
    return ENGLISH if _is_english_path(request) else request_language(request)


def _is_english_path(request: HttpRequest) -> bool:
    return request.path_info.startswith(ENGLISH_PATHS)


def _add_language_headers(request: HttpRequest, answer: HttpResponseBase, language: Language) -> HttpResponseBase:
    if not _is_english_path(request):
        patch_vary_headers(answer, ("Accept-Language",))
    answer.headers.setdefault("Content-Language", language.tag)
    return answer
