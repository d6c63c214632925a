"""`GET events/`: the caller's events after a position."""

import json
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import StrictSerializer
from core.api.views import StrictView, request_context
from core.stream import read
from core.stream.batches import Position, Resync

MAX_EVENTS = 500


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
