from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from netra.core.api.caller import caller
from netra.core.api.strict import StrictView, require_no_body
from netra.core.spoken import spoken
from netra.operating import consents
from netra.operating.api.serializers import ConsentSerializer, GiveSerializer
from netra.operating.shown import consent_of, consents_of, uses_of


class ConsentViewSet(StrictView, ViewSet):
    """What operators asked to read of the caller's, what the caller answered, and what was read."""

    serializer_class = ConsentSerializer
    lookup_value_converter = "uuid"

    @extend_schema(responses=ConsentSerializer(many=True))
    def list(self, request: Request) -> Response:
        user_id = caller(request).user_id
        found = consents_of(user_id)
        context = {"uses": uses_of(user_id, found), "language": spoken(request)}
        return Response({"results": ConsentSerializer(found, many=True, context=context).data})

    @extend_schema(request=GiveSerializer, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: UUID) -> Response:
        user_id = caller(request).user_id
        consent_of(user_id, pk)  # what is not there is told before what is wrong with the request
        given: Any = GiveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        consents.give(user_id, pk, given.validated_data["hours"])
        return _shown(request, user_id, pk)

    @extend_schema(request=None, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: UUID) -> Response:
        user_id = caller(request).user_id
        consent_of(user_id, pk)
        require_no_body(request)
        consents.decline(user_id, pk)
        return _shown(request, user_id, pk)

    @extend_schema(request=None, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: UUID) -> Response:
        user_id = caller(request).user_id
        consent_of(user_id, pk)
        require_no_body(request)
        consents.withdraw(user_id, pk)
        return _shown(request, user_id, pk)


def _shown(request: Request, user_id: UUID, consent_id: UUID) -> Response:
    consent = consent_of(user_id, consent_id)
    context = {"uses": uses_of(user_id, [consent]), "language": spoken(request)}
    return Response(ConsentSerializer(consent, context=context).data)
