"""The JSON of consents, as docs/protocol.md describes it."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from netra.core.api.strict import StrictSerializer
from netra.language.language import Language
from netra.language.text import text
from netra.operating.consents import MOST_HOURS
from netra.operating.models import Consent, ConsentUse
from netra.operating.shown import Uses

GONE = text("somebody who is gone")


class GiveSerializer(StrictSerializer):
    hours = serializers.IntegerField(min_value=1, max_value=MOST_HOURS)


class UseSerializer(serializers.ModelSerializer[ConsentUse]):
    """One reading: which conversation, when."""

    class Meta:
        model = ConsentUse
        fields = ["thread_id", "at"]
        read_only_fields = fields


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """Its context has `uses` and `language`.

    `thread_id` null: all conversations. `operator` is a name for people; `uses` are newest first.
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
        return language.say(GONE) if operator is None else operator.display_name or operator.username

    def get_state(self, consent: Consent) -> str:
        return consent.state(datetime.now(UTC))

    @extend_schema_field(UseSerializer(many=True))
    def get_uses(self, consent: Consent) -> Any:
        uses: Uses = self.context["uses"]
        return UseSerializer(uses.get(consent.id, []), many=True).data
