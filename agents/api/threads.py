from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents import erasure, reading, threads
from agents.api.serializers import (
    SearchSerializer,
    ThreadDetailSerializer,
    ThreadSerializer,
    ThreadsSerializer,
    TitleSerializer,
    payloads,
)
from netra.core.api.caller import caller
from netra.core.api.paging import PARAMETERS, PageSerializer, page_of
from netra.core.api.strict import StrictView
from netra.core.pages import take_page
from netra.core.stream import Position
from tools.spending.cost import costs_of


def detail(user_id: UUID, thread_id: UUID, upto: Position | None = None, **page: Any) -> dict[str, Any]:
    """A page of a conversation as JSON, its events as far as `upto`."""
    found = reading.conversation(user_id, thread_id, upto, **page)
    costs = costs_of(user_id, [run.id for run in found.runs.values()])
    context = {
        "messages": found.messages,
        "runs": found.runs,
        "events": payloads(found.events),
        "costs": costs,
        "earlier": found.earlier,
    }
    return dict(ThreadDetailSerializer(found.thread, context=context).data)


class ThreadViewSet(StrictView, ViewSet):
    """Conversations."""

    serializer_class = ThreadSerializer
    lookup_value_converter = "uuid"
    query: ClassVar = {"list": SearchSerializer, "retrieve": PageSerializer}

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="words, each in the title or a message"),
            *PARAMETERS,
        ],
        responses=ThreadsSerializer,
    )
    def list(self, request: Request) -> Response:
        found = reading.threads_of(caller(request).user_id, request.query_params.get("search", ""))
        page = take_page(found, "updated_at", **page_of(request, SearchSerializer))
        return Response({"results": ThreadSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(request=TitleSerializer, responses={201: ThreadSerializer})
    def create(self, request: Request) -> Response:
        thread = threads.create(caller(request).user_id, _title(request))
        return Response(ThreadSerializer(thread).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[*PARAMETERS], responses=ThreadDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Its last messages, or those before a cursor."""
        return Response(detail(caller(request).user_id, pk, **page_of(request)))

    @extend_schema(request=TitleSerializer, responses=ThreadSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        threads.rename(caller(request).user_id, pk, _title(request))
        return Response(ThreadSerializer(reading.threads_of(caller(request).user_id).get(id=pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        erasure.delete_thread(caller(request).user_id, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _title(request: Request) -> str:
    given = TitleSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    title: str = given.validated_data.get("title", "")
    return title
