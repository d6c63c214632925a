"""The routes of logs and uploads below `/api/`."""

from rest_framework.viewsets import ViewSet

from workloads.api.uploads import UploadViewSet
from workloads.api.workloads import WorkloadViewSet

ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (
    ("workloads", WorkloadViewSet, "workload"),
    ("uploads", UploadViewSet, "upload"),
)
