"""The REST resource of a user's opinions of a run's answer and of its report's levers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agents import feedback
from agents.api.serializers import FeedbackSerializer
from core.api.serializers import StrictSerializer
from core.api.views import StrictView, request_context


class FeedbackChangeSerializer(StrictSerializer):
    """An opinion of the answer, or of a lever of the report by its name. `helpful`: null withdraws it."""

    lever = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    helpful = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(
        max_length=feedback.MAX_REASON, required=False, allow_blank=True, default="", trim_whitespace=False
    )


class FeedbackViewSet(StrictView, ViewSet):
    """The user's opinions of one run."""

    serializer_class = FeedbackSerializer

    @extend_schema(request=FeedbackChangeSerializer, responses=FeedbackSerializer(many=True))
    def update(self, request: Request, pk: UUID) -> Response:
        serializer = FeedbackChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user_id, given = request_context(request).user_id, serializer.validated_data
        _store(user_id, pk, given)
        rows = feedback.load_feedback(user_id, [pk]).get(pk, [])
        return Response({"results": FeedbackSerializer(rows, many=True).data})


def _store(user_id: UUID, run_id: UUID, given: dict[str, Any]) -> None:
    if given["helpful"] is None:
        feedback.withdraw_feedback(user_id, run_id, lever=given["lever"])
    else:
        feedback.give_feedback(user_id, run_id, **given)
