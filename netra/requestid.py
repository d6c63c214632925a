"""Each request's id: in every line that is logged for it, in what it starts, and in its answer (`X-Request-ID`)."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from netra.core.correlation import bind

HEADER = "X-Request-ID"

Answering = Callable[[HttpRequest], HttpResponseBase]
AnsweringLater = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def request_id(get_response: Answering | AnsweringLater) -> Answering | AnsweringLater:
    """Made here, never taken from the caller, who could give two requests one id or write into our log."""
    if iscoroutinefunction(get_response):

        async def answered_later(request: HttpRequest) -> HttpResponseBase:
            made = _given(request)
            with bind(request_id=made):
                return _told(await cast(AnsweringLater, get_response)(request), made)

        return answered_later

    def answered(request: HttpRequest) -> HttpResponseBase:
        made = _given(request)
        with bind(request_id=made):
            return _told(cast(Answering, get_response)(request), made)

    return answered


def _given(request: HttpRequest) -> UUID:
    made = uuid4()
    request.request_id = made  # type: ignore[attr-defined]  # netra.core.api.caller reads it
    return made


def _told(answer: HttpResponseBase, made: UUID) -> HttpResponseBase:
    answer.headers[HEADER] = str(made)
    return answer
