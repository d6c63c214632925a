from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents import reading, runs
from agents.api.begin import begin
from agents.api.download import DOWNLOADS, download
from agents.api.serializers import RunDetailSerializer, RunSerializer, RunsSerializer, StartSerializer, payloads
from netra.core.api.caller import caller, wake
from netra.core.api.paging import PARAMETERS, PageSerializer, page_of
from netra.core.api.strict import StrictView, require_no_body
from netra.core.exceptions import NotFound
from netra.core.pages import take_page
from netra.core.scope import as_user
from netra.language.text import text
from tools.spending.cost import costs_of


class RunViewSet(StrictView, ViewSet):
    """Questions being answered."""

    serializer_class = RunSerializer
    lookup_value_converter = "uuid"
    query: ClassVar = {"list": PageSerializer}

    @extend_schema(parameters=[*PARAMETERS], responses=RunsSerializer)
    def list(self, request: Request) -> Response:
        page = take_page(reading.runs_of(caller(request).user_id), "created_at", **page_of(request))
        return Response({"results": RunSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(request=StartSerializer, responses={201: RunSerializer, 200: RunSerializer})
    def create(self, request: Request) -> Response:
        run, known = begin(caller(request), request.data)
        wake(request)
        return Response(RunSerializer(run).data, status=status.HTTP_200_OK if known else status.HTTP_201_CREATED)

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        user_id = caller(request).user_id
        with as_user(user_id):
            run = reading.run_of(user_id, pk)
            events = payloads(reading.events_of(user_id, [run.id]))
        context = {"events": events, "costs": costs_of(user_id, [run.id])}
        return Response(RunDetailSerializer(run, context=context).data)

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        require_no_body(request)
        run = runs.cancel(caller(request), pk)
        wake(request)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def report(self, request: Request, pk: UUID) -> Response:
        return Response(reading.report_of(caller(request).user_id, pk))

    @extend_schema(responses=OpenApiTypes.BINARY)
    def download(self, request: Request, pk: UUID, name: str) -> Any:
        if name not in DOWNLOADS:
            raise NotFound(text("There is no such file."))
        user_id = caller(request).user_id
        return download(name, reading.report_of(user_id, pk), reading.run_of(user_id, pk))
