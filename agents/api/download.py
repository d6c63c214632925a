"""A report as a file."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse

from agents.models import Run
from workloads.csvexport import report_csv

Written = Callable[[dict[str, Any], Run], str]


def _json(report: dict[str, Any], run: Run) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _markdown(report: dict[str, Any], run: Run) -> str:
    return str((run.ending or {}).get("answer") or "")


def _csv(report: dict[str, Any], run: Run) -> str:
    return report_csv(report)


DOWNLOADS: Mapping[str, tuple[str, Written]] = MappingProxyType(
    {
        "report.json": ("application/json", _json),
        "report.md": ("text/markdown; charset=utf-8", _markdown),
        "report.csv": ("text/csv; charset=utf-8", _csv),
    }
)
"""File name to its media type and how it is written."""


def download(name: str, report: dict[str, Any], run: Run) -> HttpResponse:
    """The named file of DOWNLOADS, as an attachment that no browser renders."""
    kind, written = DOWNLOADS[name]
    return HttpResponse(
        written(report, run).encode(),
        headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'},
    )
