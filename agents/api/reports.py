from typing import Any

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


class ReportViewSet(StrictView, ViewSet):
    """The reports that a user has; each is at `runs/{id}/report/`."""

    serializer_class = ReportRowSerializer

    @extend_schema(responses=ReportRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        user_id = caller(request).user_id
        with as_user(user_id):
            steps = Step.objects.for_user(user_id).filter(agent=REPORTING).select_related("run")
            rows = [_row(step) for step in steps.order_by("-at")[:LISTED]]
        return Response({"results": ReportRowSerializer(rows, many=True).data})


def _row(step: Step) -> dict[str, Any]:
    report = step.output["report"]
    return {
        "run_id": step.run_id,
        "thread_id": step.run.thread_id,
        "workload_id": step.run.workload_id,
        "ask": report["ask"],
        "created_at": step.at,
        "spend": (report["spend"] or {}).get("total"),
        "saving": (report["combination"] or {}).get("total"),
    }
