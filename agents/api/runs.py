"""REST resources of runs, of their tool calls, and of a user's opinions of a run's answer and of its report's levers.

REST and the websocket start a run by the same function."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents import feedback, queries, runs
from agents.api.questions import read_question
from agents.api.reports import (
    DOWNLOADS,
    FOCUS_FILE,
    build_download,
    build_focus_download,
    build_table_download,
)
from agents.api.serializers import (
    FeedbackSerializer,
    RunDetailSerializer,
    RunSerializer,
    RunsSerializer,
    StartSerializer,
    group_payloads_by_run,
)
from agents.downloads import export_report_focus
from agents.feedback import load_feedback
from agents.models import Run
from core.api.pagination import take_page
from core.api.serializers import PageSerializer, StrictSerializer
from core.api.views import (
    PAGE_PARAMETERS,
    StrictView,
    get_publish,
    hold_computing_slot,
    parse_page_arguments,
    request_context,
    require_no_body,
    wake_workers,
)
from core.context import ConnectionContext
from core.db import as_user
from core.stream.append import Publish
from tools.models import CallResult
from tools.results import get_result
from tools.spending.ledger import load_run_costs
from workloads.api.configuration import get_data_dir, get_price_file, get_process_limits


def start_requested_run(caller: ConnectionContext, data: Any, *, publish: Publish) -> tuple[Run, bool]:
    """Start the run that a client's data describe (see StartSerializer). Return it, and whether it was created.

    Raises DRF's ValidationError for invalid fields, and whatever runs.start_run raises.
    """
    sent = read_question(data)
    return runs.start_run(
        caller,
        question=sent.text,
        workload_id=sent.workload_id,
        thread_id=sent.thread_id,
        assumptions=sent.assumptions,
        client_id=sent.client_id,
        time_zone=sent.time_zone,
        publish=publish,
    )


class RunViewSet(StrictView, ViewSet):
    """The user's runs."""

    serializer_class = RunSerializer
    lookup_value_converter = "uuid"
    query: ClassVar = {"list": PageSerializer}

    @extend_schema(parameters=[*PAGE_PARAMETERS], responses=RunsSerializer)
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        with as_user(user_id):
            page = take_page(queries.list_runs(user_id), "created_at", **parse_page_arguments(request))
        return Response({"results": RunSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(request=StartSerializer, responses={201: RunSerializer, 200: RunSerializer})
    def create(self, request: Request) -> Response:
        run, created = start_requested_run(request_context(request), request.data, publish=get_publish(request))
        wake_workers(request)
        return Response(RunSerializer(run).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        user_id = request_context(request).user_id
        run = queries.get_run(user_id, pk)
        events = group_payloads_by_run(queries.list_events(user_id, [run.id]))
        costs, feedback = load_run_costs(user_id, [run.id]), load_feedback(user_id, [run.id])
        context = {"events": events, "costs": costs, "feedback": feedback}
        return Response(RunDetailSerializer(run, context=context).data)

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        require_no_body(request)
        run = runs.cancel_run(request_context(request), pk, publish=get_publish(request))
        wake_workers(request)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def report(self, request: Request, pk: UUID) -> Response:
        return Response(queries.get_report(request_context(request).user_id, pk))

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def answer(self, request: Request, pk: UUID) -> Response:
        return Response(queries.get_answer(request_context(request).user_id, pk))

    @extend_schema(responses=OpenApiTypes.BINARY)
    def download(self, request: Request, pk: UUID, name: str) -> Any:
        user_id = request_context(request).user_id
        report, run = queries.get_report(user_id, pk), queries.get_run(user_id, pk)
        if name in DOWNLOADS:
            return build_download(name, report, run)
        if name == FOCUS_FILE:
            with hold_computing_slot(request):
                content = export_report_focus(
                    user_id, pk, data_dir=get_data_dir(), limits=get_process_limits(), price_file=get_price_file()
                )
            return build_focus_download(content, report, run)
        return build_table_download(name, queries.get_report_tables(user_id, pk), report, run)


class CallResultSerializer(serializers.ModelSerializer[CallResult]):
    """`result` is the tool's whole result, or a preview with `complete` false if that was too large to be stored."""

    result = serializers.JSONField()

    class Meta:
        model = CallResult
        fields = ("call_id", "tool", "complete", "result")


class CallQuerySerializer(StrictSerializer):
    """`request_id` names the turn, in case a model gave two calls of a run the same id."""

    request_id = serializers.UUIDField(required=False)


class CallViewSet(StrictView, ViewSet):
    """Results of calls whose events have only a preview."""

    serializer_class = CallResultSerializer
    query: ClassVar = {"retrieve": CallQuerySerializer}

    @extend_schema(
        responses=CallResultSerializer,
        parameters=[CallQuerySerializer, OpenApiParameter("call_id", str, OpenApiParameter.PATH)],
    )
    def retrieve(self, request: Request, pk: UUID, call_id: str) -> Response:
        query = CallQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        result = get_result(request_context(request).user_id, pk, call_id, query.validated_data.get("request_id"))
        return Response(CallResultSerializer(result).data)


class FeedbackChangeSerializer(StrictSerializer):
    """An opinion of the answer, or of a lever of the report by its name. `helpful`: null withdraws it."""

    lever = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    helpful = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(
        max_length=feedback.MAX_REASON, required=False, allow_blank=True, default="", trim_whitespace=False
    )


class FeedbackViewSet(StrictView, ViewSet):
    """The user's opinions of one run."""

    serializer_class = FeedbackSerializer

    @extend_schema(request=FeedbackChangeSerializer, responses=FeedbackSerializer(many=True))
    def update(self, request: Request, pk: UUID) -> Response:
        serializer = FeedbackChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user_id, given = request_context(request).user_id, serializer.validated_data
        _store_feedback(user_id, pk, given)
        rows = feedback.load_feedback(user_id, [pk]).get(pk, [])
        return Response({"results": FeedbackSerializer(rows, many=True).data})


def _store_feedback(user_id: UUID, run_id: UUID, given: dict[str, Any]) -> None:
    if given["helpful"] is None:
        feedback.withdraw_feedback(user_id, run_id, lever=given["lever"])
    else:
        feedback.give_feedback(user_id, run_id, **given)
