"""Routes of this package below `/api/`."""

from django.urls import URLPattern, path
from rest_framework.viewsets import ViewSet

from agents.api.reports import ReportViewSet
from agents.api.runs import CallViewSet, FeedbackViewSet, RunViewSet
from agents.api.threads import ThreadViewSet
from agents.api.workloads import UploadViewSet, WorkloadViewSet

ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (
    ("threads", ThreadViewSet, "thread"),
    ("runs", RunViewSet, "run"),
    ("reports", ReportViewSet, "report"),
    ("workloads", WorkloadViewSet, "workload"),
    ("uploads", UploadViewSet, "upload"),
)

# Files are named without a trailing slash.
PATHS: tuple[URLPattern, ...] = (
    path("runs/<uuid:pk>/report/<str:name>", RunViewSet.as_view({"get": "download"}), name="run-download"),
    path("threads/<uuid:pk>/conversation.md", ThreadViewSet.as_view({"get": "download"}), name="thread-download"),
    path("runs/<uuid:pk>/feedback/", FeedbackViewSet.as_view({"put": "update"}), name="run-feedback"),
    # A model may put anything into the names of its calls.
    path("runs/<uuid:pk>/calls/<path:call_id>/", CallViewSet.as_view({"get": "retrieve"}), name="run-call"),
)
