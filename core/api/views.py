"""The strict base view of the REST interface, the context of a request, and the page that it asks for."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import close_old_connections
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.pagination import MAX_LIMIT
from core.api.serializers import NoFields, PageSerializer, StrictSerializer, find_unknown_fields
from core.concurrency.background import NoSlotFree
from core.context import ConnectionContext
from core.exceptions import InvalidContext, TooManyComputations
from core.i18n.language import request_language
from core.i18n.text import text
from core.models import User
from core.scope_services import RequestServices, find_services
from core.stream.append import Publish, publish_to_nobody


def request_context(request: Request) -> ConnectionContext:
    """Return the context of an authenticated request: from its session or token, never from its content."""
    user = request.user
    if not isinstance(user, User):
        raise InvalidContext("the request has no signed-in user")
    return ConnectionContext(
        user_id=user.id,
        request_id=getattr(request._request, "request_id", None) or uuid4(),  # the response has it in a header
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=request_language(request).tag,
    )


def wake_workers(request: Request) -> None:
    """Wake this process's workers. Without a server, as with a test's client, their next poll finds the work."""
    services = find_services(request._request, RequestServices)
    if services is not None:
        services.wake_workers()


def get_publish(request: Request | HttpRequest) -> Publish:
    """Return the process's publish, for functions that append events. Without a server, as with a test's client, nobody
    listens."""
    services = find_services(request._request if isinstance(request, Request) else request, RequestServices)
    return publish_to_nobody if services is None else services.publish


@contextmanager
def hold_computing_slot(request: Request) -> Iterator[None]:
    """Hold one of the process's slots for what a request has another process compute, in turns by user.

    The request's own turn and its database connection are free for others meanwhile: a computation may take a minute,
    and few requests are handled at once. Raises TooManyComputations.
    """
    services = find_services(request._request, RequestServices)
    if services is None or services.computing_slots is None:
        yield
        return
    with ExitStack() as stack:
        _release_turn(request)
        try:
            stack.enter_context(services.computing_slots.hold(request_context(request).user_id))
        except NoSlotFree as error:
            raise TooManyComputations(
                text("Other questions and files of yours, or of others, are being worked on. Try again in a moment.")
            ) from error
        yield


def _release_turn(request: Request) -> None:
    release = getattr(request._request, "scope", {}).get("release_turn")
    if release is not None:
        release()
        close_old_connections()


PAGE_PARAMETERS = (
    OpenApiParameter("before", str, description="`next` of the previous page; default: the newest page"),
    OpenApiParameter("limit", int, description=f"the page size, up to {MAX_LIMIT}"),
)


def parse_page_arguments(request: Request, kind: type[StrictSerializer] = PageSerializer) -> dict[str, Any]:
    """Return the arguments of `take_page` in a request's query. Raises DRF's ValidationError."""
    query = kind(data=request.query_params)
    query.is_valid(raise_exception=True)
    return {name: query.validated_data[name] for name in ("before", "limit") if name in query.validated_data}


class StrictView(APIView):
    """Base of all views of the REST interface.

    `query` has the serializer of the query by action or method; without one the query must be empty.
    """

    query: ClassVar[Mapping[str, type[StrictSerializer]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        name = getattr(self, "action", None) or _get_handler_name(request)
        unknown = find_unknown_fields(request.query_params, self.query.get(name, NoFields)())
        if unknown:
            raise serializers.ValidationError(unknown)


def _get_handler_name(request: Request) -> str:
    """Return the name of the method that answers: a HEAD request is a GET request without the body."""
    name = str(request.method).lower()
    return "get" if name == "head" else name


def require_no_body(request: Request) -> None:
    """Raise DRF's ValidationError if the body of a request to a route without input has fields."""
    NoFields(data=request.data or {}).is_valid(raise_exception=True)
