"""Where this room's resources are below `/api/`."""

from django.urls import URLPattern, path

from realtime.api.events import EventsView
from realtime.api.snapshot import SnapshotView

PATHS: tuple[URLPattern, ...] = (
    path("snapshot/", SnapshotView.as_view(), name="snapshot"),
    path("events/", EventsView.as_view(), name="events"),
)
