"""REST resources of conversations."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents import queries, threads, user_data
from agents.api.reports import build_attachment
from agents.api.serializers import (
    SearchSerializer,
    ThreadChangeSerializer,
    ThreadDetailSerializer,
    ThreadSerializer,
    ThreadsSerializer,
    TitleSerializer,
    group_payloads_by_run,
)
from agents.downloads import load_conversation, to_markdown
from agents.feedback import load_feedback
from core.api.pagination import take_page
from core.api.serializers import PageSerializer
from core.api.views import PAGE_PARAMETERS, StrictView, get_publish, parse_page_arguments, request_context
from core.db import as_user
from core.i18n.language import request_language
from core.stream.batches import Position
from tools.spending.ledger import load_run_costs
from workloads.report.tables import name_file


def get_thread_detail(user_id: UUID, thread_id: UUID, until: Position | None = None, **page: Any) -> dict[str, Any]:
    """Return a page of a conversation as JSON, with its events up to the position `until`."""
    history = queries.get_thread_history(user_id, thread_id, until, **page)
    run_ids = [run.id for run in history.runs.values()]
    context = {
        "messages": history.messages,
        "runs": history.runs,
        "events": group_payloads_by_run(history.events),
        "costs": load_run_costs(user_id, run_ids),
        "feedback": load_feedback(user_id, run_ids),
        "earlier": history.earlier,
    }
    return dict(ThreadDetailSerializer(history.thread, context=context).data)


class ThreadViewSet(StrictView, ViewSet):
    """The user's conversations."""

    serializer_class = ThreadSerializer
    lookup_value_converter = "uuid"
    query: ClassVar = {"list": SearchSerializer, "retrieve": PageSerializer}

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="search words; each must be in the title or a message"),
            *PAGE_PARAMETERS,
        ],
        responses=ThreadsSerializer,
    )
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        with as_user(user_id):
            threads_found = queries.list_threads(user_id, request.query_params.get("search", ""))
            page = take_page(threads_found, "updated_at", **parse_page_arguments(request, SearchSerializer))
        return Response({"results": ThreadSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(request=TitleSerializer, responses={201: ThreadSerializer})
    def create(self, request: Request) -> Response:
        thread = threads.create_thread(
            request_context(request).user_id, _parse_title(request), publish=get_publish(request)
        )
        return Response(ThreadSerializer(thread).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[*PAGE_PARAMETERS], responses=ThreadDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """The conversation with its latest messages, or those before a cursor."""
        return Response(get_thread_detail(request_context(request).user_id, pk, **parse_page_arguments(request)))

    @extend_schema(request=ThreadChangeSerializer, responses=ThreadSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Rename the conversation, or pin or unpin it."""
        user_id, publish = request_context(request).user_id, get_publish(request)
        serializer = ThreadChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        change = serializer.validated_data
        if "title" in change or "pinned" not in change:
            threads.rename_thread(user_id, pk, change.get("title", ""), publish=publish)
        if "pinned" in change:
            threads.pin_thread(user_id, pk, change["pinned"], publish=publish)
        with as_user(user_id):
            thread = queries.list_threads(user_id).get_for(user_id, pk)  # it may be deleted by now
        return Response(ThreadSerializer(thread).data)

    @extend_schema(responses=OpenApiTypes.BINARY)
    def download(self, request: Request, pk: UUID) -> HttpResponse:
        """The conversation as a Markdown file."""
        conversation = load_conversation(request_context(request).user_id, pk)
        name = name_file(f"{conversation.thread.title}.", conversation.thread.created_at.date(), "conversation", "md")
        return build_attachment(
            to_markdown(conversation, request_language(request)), "text/markdown; charset=utf-8", name
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        user_data.delete_thread(request_context(request).user_id, pk, publish=get_publish(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _parse_title(request: Request) -> str:
    serializer = TitleSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    title: str = serializer.validated_data.get("title", "")
    return title
