from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from netra.core.api.caller import caller
from netra.core.api.strict import StrictSerializer, StrictView
from tools.models import CallResult
from tools.results import result_of


class CallResultSerializer(serializers.ModelSerializer[CallResult]):
    """`result` as the tool gave it; where that was too much to be kept, `complete` is false and it is the preview."""

    result = serializers.JSONField()

    class Meta:
        model = CallResult
        fields = ("call_id", "tool", "complete", "result")


class Turn(StrictSerializer):
    """Where a model has named two calls of a run alike, the turn tells them apart."""

    request_id = serializers.UUIDField(required=False)


class CallViewSet(StrictView, ViewSet):
    """Calls whose events have a preview of their result."""

    serializer_class = CallResultSerializer
    query: ClassVar = {"retrieve": Turn}

    @extend_schema(
        responses=CallResultSerializer,
        parameters=[Turn, OpenApiParameter("call_id", str, OpenApiParameter.PATH)],
    )
    def retrieve(self, request: Request, pk: UUID, call_id: str) -> Response:
        turn = Turn(data=request.query_params)
        turn.is_valid(raise_exception=True)
        found = result_of(caller(request).user_id, pk, call_id, turn.validated_data.get("request_id"))
        return Response(CallResultSerializer(found).data)
