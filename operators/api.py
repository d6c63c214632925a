"""The REST resources of consents, as docs/protocol.md describes them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.serializers import StrictSerializer
from core.api.views import StrictView, get_publish, request_context, require_no_body
from core.i18n.language import Language, request_language
from core.i18n.text import text
from operators import consents
from operators.consents import MAX_HOURS, ConsentUses, get_consent, list_consents, load_uses
from operators.models import Consent, ConsentUse

DELETED_OPERATOR = text("deleted account")


@extend_schema_serializer(component_name="Give")
class GiveConsentSerializer(StrictSerializer):
    hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS)


@extend_schema_serializer(component_name="Use")
class ConsentUseSerializer(serializers.ModelSerializer[ConsentUse]):
    """One reading of a conversation."""

    class Meta:
        model = ConsentUse
        fields = ["thread_id", "at"]
        read_only_fields = fields


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """Needs `uses` and `language` in its context.

    `thread_id` null: all conversations. `operator` is a name for display; `uses` are newest first.
    """

    thread_id = serializers.UUIDField(allow_null=True)
    operator = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    uses = serializers.SerializerMethodField()

    class Meta:
        model = Consent
        fields = [
            *("id", "operator", "thread_id", "why", "state", "asked_at", "given_at", "expires_at"),
            *("declined_at", "withdrawn_at", "uses"),
        ]
        read_only_fields = fields

    def get_operator(self, consent: Consent) -> str:
        operator = consent.operator
        language: Language = self.context["language"]
        return language.translate(DELETED_OPERATOR) if operator is None else operator.display_name or operator.username

    def get_state(self, consent: Consent) -> str:
        return consent.state(datetime.now(UTC))

    @extend_schema_field(ConsentUseSerializer(many=True))
    def get_uses(self, consent: Consent) -> Any:
        uses: ConsentUses = self.context["uses"]
        return ConsentUseSerializer(uses.get(consent.id, []), many=True).data


class ConsentViewSet(StrictView, ViewSet):
    """Operators' requests to read the caller's conversations, the caller's answers, and each reading."""

    serializer_class = ConsentSerializer
    lookup_value_converter = "uuid"

    @extend_schema(responses=ConsentSerializer(many=True))
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        rows = list_consents(user_id)
        context = {"uses": load_uses(user_id, rows), "language": request_language(request)}
        return Response({"results": ConsentSerializer(rows, many=True, context=context).data})

    @extend_schema(request=GiveConsentSerializer, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: UUID) -> Response:
        user_id = request_context(request).user_id
        get_consent(user_id, pk)  # 404 comes before 400
        serializer: Any = GiveConsentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        consents.give_consent(user_id, pk, serializer.validated_data["hours"], publish=get_publish(request))
        return _respond_with_consent(request, user_id, pk)

    @extend_schema(request=None, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: UUID) -> Response:
        user_id = request_context(request).user_id
        get_consent(user_id, pk)
        require_no_body(request)
        consents.decline_consent(user_id, pk, publish=get_publish(request))
        return _respond_with_consent(request, user_id, pk)

    @extend_schema(request=None, responses=ConsentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: UUID) -> Response:
        user_id = request_context(request).user_id
        get_consent(user_id, pk)
        require_no_body(request)
        consents.withdraw_consent(user_id, pk, publish=get_publish(request))
        return _respond_with_consent(request, user_id, pk)


def _respond_with_consent(request: Request, user_id: UUID, consent_id: UUID) -> Response:
    consent = get_consent(user_id, consent_id)
    context = {"uses": load_uses(user_id, [consent]), "language": request_language(request)}
    return Response(ConsentSerializer(consent, context=context).data)


ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (("consents", ConsentViewSet, "consent"),)
