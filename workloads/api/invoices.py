"""The invoice of a log: a cost export that the user uploads, to be compared with the log."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.json_media import JSONParser
from core.api.serializers import StrictSerializer
from core.api.views import StrictView, hold_computing_slot, request_context
from core.db import as_user
from core.files import private_dir
from workloads.api.configuration import get_data_dir, get_process_limits
from workloads.api.uploads import PartParser, iter_part
from workloads.child_process import fit_disk
from workloads.invoices.storage import delete_invoice, find_invoice, import_invoice, parse_stored_invoice
from workloads.models import NAME_LENGTH, Invoice, Workload


class InvoiceNameSerializer(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH, required=False, allow_blank=True)


class InvoiceSerializer(serializers.Serializer[Any]):
    """What was read of an invoice. `total` is a decimal string in `currency`; `rows` have an amount."""

    name = serializers.CharField()
    format_title = serializers.CharField()
    currency = serializers.CharField()
    total = serializers.CharField()
    rows = serializers.IntegerField()
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()


class InvoiceOfLogSerializer(serializers.Serializer[Any]):
    """`invoice` is null for a log without one."""

    invoice = InvoiceSerializer(allow_null=True)


class InvoiceActions(StrictView, ViewSet):
    """The actions on a log's invoice."""

    query: ClassVar[Mapping[str, type[StrictSerializer]]] = {"upload_invoice": InvoiceNameSerializer}

    def get_quota(self, user_id: UUID) -> int:
        """Return the bytes that a user may have stored."""
        raise NotImplementedError

    def get_parsers(self) -> list[BaseParser]:
        return [PartParser() if self.request and self.request.method == "PUT" else JSONParser()]

    @extend_schema(responses=InvoiceOfLogSerializer)
    @action(detail=True, methods=["get"])
    def invoice(self, request: Request, pk: UUID) -> Response:
        return Response({"invoice": present_invoice(find_invoice(request_context(request).user_id, pk))})

    @extend_schema(
        parameters=[OpenApiParameter("name", str, description="the file's name")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=InvoiceOfLogSerializer,
    )
    @invoice.mapping.put
    def upload_invoice(self, request: Request, pk: UUID) -> Response:
        """Read a cost export, and keep it with the log in place of an earlier one."""
        serializer = InvoiceNameSerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        user_id, name = request_context(request).user_id, serializer.validated_data.get("name") or "invoice"
        with as_user(user_id):
            workload: Workload = Workload.objects.get_for(user_id, pk)
        folder, limits = private_dir(workload.get_path(get_data_dir()).parent), get_process_limits()
        fit_disk(limits, folder, name)  # not one byte beyond the disk's reserve
        # The user may be erased meanwhile, with the folder.
        with TemporaryDirectory(prefix="..invoice.", dir=folder, ignore_cleanup_errors=True) as work:
            path = Path(work) / "upload"
            with path.open("wb") as file:
                file.writelines(iter_part(request))
            quota = self.get_quota(user_id)
            with hold_computing_slot(request):
                stored = import_invoice(
                    user_id,
                    pk,
                    path,
                    name=name,
                    data_dir=get_data_dir(),
                    quota=quota,
                    limits=limits,
                )
        return Response({"invoice": present_invoice(stored)})

    @extend_schema(responses={204: None})
    @invoice.mapping.delete
    def delete_invoice(self, request: Request, pk: UUID) -> Response:
        delete_invoice(request_context(request).user_id, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def present_invoice(row: Invoice | None) -> dict[str, Any] | None:
    if row is None:
        return None
    invoice = parse_stored_invoice(row)
    days = [line.day for line in invoice.lines if line.day is not None]
    return {
        "name": row.name,
        "format_title": invoice.title,
        "currency": invoice.currency,
        "total": str(invoice.total),
        "rows": invoice.rows,
        "first": min(days, default=None),
        "last": max(days, default=None),
        "created_at": row.created_at,
    }
