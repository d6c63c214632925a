"""The REST resource of logs."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import take_page
from core.api.serializers import PageSerializer, StrictSerializer
from core.api.views import (
    PAGE_PARAMETERS,
    get_publish,
    parse_page_arguments,
    request_context,
    require_no_body,
    wake_workers,
)
from core.db import as_user
from core.i18n.language import match_language
from workloads import logs
from workloads.api.assumptions import AssumptionsSerializer, LogPricesSerializer, present_prices, to_change
from workloads.api.configuration import get_data_dir, get_disk_reserve, get_price_file
from workloads.api.invoices import InvoiceActions
from workloads.api.queries import QueryActions
from workloads.api.serializers import (
    NameSerializer,
    RereadSerializer,
    WorkloadSerializer,
    WorkloadsSerializer,
    to_format_choice,
)


class BaseWorkloadViewSet(QueryActions, InvoiceActions):
    """The resource of logs, except what needs plans and runs: agents.api.workloads adds that and has the route."""

    serializer_class = WorkloadSerializer
    lookup_value_converter = "uuid"
    query: ClassVar[Mapping[str, type[StrictSerializer]]] = {"list": PageSerializer, **InvoiceActions.query}

    @extend_schema(parameters=[*PAGE_PARAMETERS], responses=WorkloadsSerializer)
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        with as_user(user_id):
            page = take_page(logs.list_logs(user_id), "created_at", **parse_page_arguments(request))
        return Response({"results": WorkloadSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(responses=WorkloadSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(WorkloadSerializer(logs.get_log(request_context(request).user_id, pk)).data)

    @extend_schema(request=NameSerializer, responses=WorkloadSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        serializer = NameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user_id, name = request_context(request).user_id, serializer.validated_data["name"]
        workload = logs.rename_log(user_id, pk, name, publish=get_publish(request))
        wake_workers(request)
        return Response(WorkloadSerializer(workload).data)

    @extend_schema(request=None, responses={201: WorkloadSerializer})
    @action(detail=False, methods=["post"])
    def sample(self, request: Request) -> Response:
        """Create a copy of the sample log for the user."""
        require_no_body(request)
        context = request_context(request)
        quota, reserve = self.get_quota(context.user_id), get_disk_reserve()
        workload = logs.create_sample_log(
            context.user_id,
            get_data_dir(),
            match_language(context.locale),
            quota=quota,
            reserve=reserve,
            publish=get_publish(request),
        )
        wake_workers(request)
        return Response(WorkloadSerializer(workload).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AssumptionsSerializer, responses=WorkloadSerializer)
    @action(detail=True, methods=["patch"])
    def assumptions(self, request: Request, pk: UUID) -> Response:
        """Change the prices, names and answers that are kept with the log. What is not sent stays."""
        serializer = AssumptionsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        change = to_change(serializer.validated_data)
        workload = logs.change_assumptions(
            request_context(request).user_id, pk, change, price_file=get_price_file(), publish=get_publish(request)
        )
        wake_workers(request)
        return Response(WorkloadSerializer(workload).data)

    @extend_schema(responses=LogPricesSerializer)
    @action(detail=True, methods=["get"])
    def prices(self, request: Request, pk: UUID) -> Response:
        """Return the prices that were applied to the log's models."""
        workload = logs.get_log(request_context(request).user_id, pk)
        return Response(present_prices(workload.prices, is_due=workload.figures_due))

    @extend_schema(request=RereadSerializer, responses={202: WorkloadSerializer})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: UUID) -> Response:
        """Read the file again, with another format or mapping."""
        serializer = RereadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        choice = to_format_choice(serializer.validated_data)
        workload = logs.reread_log(request_context(request).user_id, pk, **choice, publish=get_publish(request))
        wake_workers(request)
        return Response(WorkloadSerializer(workload).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=WorkloadSerializer)
    @read.mapping.delete
    def stop_reading(self, request: Request, pk: UUID) -> Response:
        """Stop reading the file again. What was read before stays."""
        require_no_body(request)
        workload = logs.stop_rereading(request_context(request).user_id, pk, publish=get_publish(request))
        wake_workers(request)
        return Response(WorkloadSerializer(workload).data)
