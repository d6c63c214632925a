from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents.api.serializers import ReportRowSerializer
from agents.models import REPORTING, Step
from netra.core.api.caller import caller
from netra.core.api.strict import StrictView
from netra.core.scope import as_user

LISTED = 200  # newest reports in a list
COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "thread_id": F("run__thread_id"),
        "workload_id": F("run__workload_id"),
        "ask": F("output__report__ask"),
        "created_at": F("at"),
        "spend": F("output__report__spend__total"),
        "saving": F("output__report__combination__total"),
    }
)


class ReportViewSet(StrictView, ViewSet):
    """The reports that a user has; each is at `runs/{id}/report/`."""

    serializer_class = ReportRowSerializer

    @extend_schema(responses=ReportRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        user_id = caller(request).user_id
        with as_user(user_id):
            steps = Step.objects.for_user(user_id).filter(agent=REPORTING).order_by("-at")
            rows = list(steps.values("run_id", **COLUMNS)[:LISTED])  # the reports themselves stay where they are
        return Response({"results": ReportRowSerializer(rows, many=True).data})
