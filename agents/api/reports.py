"""REST resources of reports: the list of a user's reports, and a report as a file."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import F
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents.api.serializers import ReportRowSerializer
from agents.models import REPORTING_AGENT, Run, Step
from core.api.views import StrictView, request_context
from core.db import as_user
from core.exceptions import NotFound
from core.i18n.text import text
from workloads.report.csv_export import to_csv
from workloads.report.tables import name_file

MAX_LISTED_REPORTS = 200  # newest reports in a list
REPORT_COLUMNS: Mapping[str, Any] = MappingProxyType(
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
    """The user's reports. Each is at `runs/{id}/report/`."""

    serializer_class = ReportRowSerializer

    @extend_schema(responses=ReportRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        with as_user(user_id):
            steps = Step.objects.for_user(user_id).filter(agent=REPORTING_AGENT).order_by("-at")
            # Only the columns of the list: the reports themselves are not loaded.
            rows = list(steps.values("run_id", **REPORT_COLUMNS)[:MAX_LISTED_REPORTS])
        return Response({"results": ReportRowSerializer(rows, many=True).data})


ReportRenderer = Callable[[dict[str, Any], Run], str]


def _render_json(report: dict[str, Any], run: Run) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _render_markdown(report: dict[str, Any], run: Run) -> str:
    return str((run.ending or {}).get("answer") or "")


def _render_csv(report: dict[str, Any], run: Run) -> str:
    return to_csv(report)


DOWNLOADS: Mapping[str, tuple[str, ReportRenderer]] = MappingProxyType(
    {
        "report.json": ("application/json", _render_json),
        "report.md": ("text/markdown; charset=utf-8", _render_markdown),
        "report.csv": ("text/csv; charset=utf-8", _render_csv),
    }
)
"""By file name: the media type and the function that renders it."""


def build_table_download(name: str, tables: Mapping[str, str], report: dict[str, Any], run: Run) -> HttpResponse:
    """Return a table of a report as CSV, named after the log and the day. Raises NotFound for an unknown `name`."""
    table = name.removesuffix(".csv")
    if table == name or table not in tables:
        raise NotFound(text("File not found."))
    return build_attachment(tables[table], "text/csv; charset=utf-8", name_report_file(report, run, table))


FOCUS_FILE = "focus.csv"


def build_focus_download(content: str, report: dict[str, Any], run: Run) -> HttpResponse:
    """Return the FOCUS export as CSV, named after the log and the day."""
    return build_attachment(content, "text/csv; charset=utf-8", name_report_file(report, run, "focus-1.3"))


def name_report_file(report: dict[str, Any], run: Run, table: str) -> str:
    return name_file(report["source"]["name"], run.created_at.date(), table)


def build_attachment(content: str, media_type: str, name: str) -> HttpResponse:
    """Return a file that no browser renders."""
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content.encode(), headers=headers)


def build_download(name: str, report: dict[str, Any], run: Run) -> HttpResponse:
    """Return the file of DOWNLOADS with this name, as an attachment that no browser renders."""
    media_type, render = DOWNLOADS[name]
    return build_attachment(render(report, run), media_type, name)
