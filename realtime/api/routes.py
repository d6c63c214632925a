"""Routes of realtime below `/api/`."""

from django.urls import URLPattern, path

from realtime.api.stream import EventsView, SnapshotView
from realtime.api.texts import TextsView

PATHS: tuple[URLPattern, ...] = (
    path("snapshot/", SnapshotView.as_view(), name="snapshot"),
    path("texts/", TextsView.as_view(), name="texts"),
    path("events/", EventsView.as_view(), name="events"),
)
