"""REST resources of the caller's stream: `GET snapshot/`, the state that a client shows first and the position from
which it follows the stream, and `GET events/`, the events after a position."""

import json
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents import queries
from agents.api.serializers import ThreadSerializer
from agents.api.threads import get_thread_detail
from core.api.pagination import take_page
from core.api.serializers import StrictSerializer
from core.api.views import StrictView, request_context
from core.db import as_user
from core.stream import read
from core.stream.batches import Position, Resync
from workloads.api.serializers import UploadSerializer, WorkloadSerializer
from workloads.models import Upload, Workload

MAX_EVENTS = 500


class SnapshotQuerySerializer(StrictSerializer):
    thread = serializers.UUIDField(required=False)


class SnapshotView(StrictView):
    """Return the newest rows of each list, which a client shows first, and the position from where it follows them.

    The position is read first. An event that is written meanwhile is in the rows already and comes again by the stream,
    where it changes nothing.
    """

    query: ClassVar = {"get": SnapshotQuerySerializer}

    @extend_schema(
        parameters=[OpenApiParameter("thread", OpenApiTypes.UUID, description="a conversation to include")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        query = SnapshotQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user_id, thread_id = request_context(request).user_id, query.validated_data.get("thread")
        position = read.get_head_position(user_id)
        with as_user(user_id):
            thread = get_thread_detail(user_id, thread_id, position) if thread_id else None
            threads = take_page(queries.list_threads(user_id), "updated_at")
            first = {row.id for row in threads.rows}
            # Shown first, however long ago they were used.
            pinned = [row for row in queries.list_pinned_threads(user_id) if row.id not in first]
            workloads = take_page(Workload.objects.for_user(user_id), "created_at")
            # Not paginated: a user can have only a few uploads under way.
            uploads = Upload.objects.for_user(user_id).filter(workload=None).order_by("-created_at")
            return Response(
                {
                    "position": {"epoch": str(position.epoch), "seq": position.seq},
                    "threads": ThreadSerializer([*threads.rows, *pinned], many=True).data,
                    "workloads": WorkloadSerializer(workloads.rows, many=True).data,
                    "uploads": UploadSerializer(uploads, many=True).data,
                    "thread": thread,
                    "next": {"threads": threads.next, "workloads": workloads.next},
                }
            )


class EventsQuerySerializer(StrictSerializer):
    """A position of the caller's stream."""

    epoch = serializers.UUIDField(required=False)
    after = serializers.IntegerField(required=False, min_value=0, max_value=2**62, default=0)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_EVENTS, default=MAX_EVENTS)


class EventsView(StrictView):
    """Return the caller's events after a position, as a websocket's `events` frame, or a `resync`."""

    query: ClassVar = {"get": EventsQuerySerializer}

    @extend_schema(
        parameters=[
            OpenApiParameter("epoch", OpenApiTypes.UUID, description="default: start at the first stored event"),
            OpenApiParameter("after", int),
            OpenApiParameter("limit", int),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        query = EventsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        fields, user_id = query.validated_data, request_context(request).user_id
        batch = read.read_after(user_id, _get_start_position(user_id, fields), limit=fields["limit"])
        if isinstance(batch, Resync):
            position = {"epoch": str(batch.position.epoch), "seq": batch.position.seq}
            return Response({"type": "resync", "position": position})
        return Response(
            {
                "type": "events",
                "user_id": str(batch.user_id),
                "epoch": str(batch.epoch),
                "after": batch.after,
                "upto": batch.upto,
                "events": [json.loads(payload) for payload in batch.payloads],
            }
        )


def _get_start_position(user_id: UUID, fields: dict[str, Any]) -> Position:
    if "epoch" in fields:
        return Position(epoch=fields["epoch"], seq=fields["after"])
    floor = read.get_floor_position(user_id)
    return Position(epoch=floor.epoch, seq=max(floor.seq, fields["after"]))
