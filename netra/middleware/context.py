"""What Django, allauth and the REST framework say themselves, in the language of the request."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

from netra.core.spoken import spoken
from netra.language.language import Language
from netra.language.languages import ENGLISH

Answering = Callable[[HttpRequest], HttpResponseBase]
AnsweringLater = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

# Operators compare what the admin shows with logs, documents and one another, times in it are as netra.formats writes
# them for English, and half of its words are our models', which nobody translates. The schema is for programs.
IN_ENGLISH = ("/admin/", "/api/schema/")


@sync_and_async_middleware
def translated(get_response: Answering | AnsweringLater) -> Answering | AnsweringLater:
    """In place of Django's LocaleMiddleware, which would choose by a cookie too, and differently from what we say
    ourselves, and would leave its choice to whatever the same thread does next."""
    if iscoroutinefunction(get_response):

        async def answered_later(request: HttpRequest) -> HttpResponseBase:
            language = _language(request)
            with translation.override(language.tag.lower()):
                return _told(request, await cast(AnsweringLater, get_response)(request), language)

        return answered_later

    def answered(request: HttpRequest) -> HttpResponseBase:
        language = _language(request)
        with translation.override(language.tag.lower()):
            return _told(request, cast(Answering, get_response)(request), language)

    return answered


def _language(request: HttpRequest) -> Language:
    return ENGLISH if _is_in_english(request) else spoken(request)


def _is_in_english(request: HttpRequest) -> bool:
    return request.path_info.startswith(IN_ENGLISH)


def _told(request: HttpRequest, answer: HttpResponseBase, language: Language) -> HttpResponseBase:
    if not _is_in_english(request):
        patch_vary_headers(answer, ("Accept-Language",))
    answer.headers.setdefault("Content-Language", language.tag)
    return answer
