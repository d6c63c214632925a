"""The JSON of what is kept with a log about its prices, names and answers, as docs/protocol.md describes it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from workloads.pricing.assumptions import (
    MAX_ENTRIES,
    MAX_LEVER_LENGTH,
    MAX_SCOPE_LENGTH,
    MAX_ZONE_LENGTH,
    NO_ASSUMPTIONS,
    AssumptionsChange,
    LeverAnswer,
    to_assumptions_json,
)
from workloads.pricing.own_prices import MAX_NAME_LENGTH, ModelAlias, OwnPrice


def _build_decimal_field() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=None, decimal_places=None, required=False, allow_null=True)


class OwnPriceSerializer(StrictSerializer):
    """The user's prices for a model: USD per million tokens, `search` and `request` per 1,000. What is null comes from
    the price list; an entry without any price and discount removes the model's own prices."""

    model = serializers.CharField(max_length=MAX_NAME_LENGTH)
    fresh_input = _build_decimal_field()
    cache_read = _build_decimal_field()
    cache_write = _build_decimal_field()
    cache_write_1h = _build_decimal_field()
    output = _build_decimal_field()
    audio_input = _build_decimal_field()
    audio_read = _build_decimal_field()
    audio_output = _build_decimal_field()
    image_input = _build_decimal_field()
    image_output = _build_decimal_field()
    reasoning = _build_decimal_field()
    search = _build_decimal_field()
    request = _build_decimal_field()
    discount_percent = _build_decimal_field()


class ModelAliasSerializer(StrictSerializer):
    """What a name in the log means: a model of the price list, or one with prices of its own. Null removes the name."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    model = serializers.CharField(max_length=MAX_NAME_LENGTH, allow_null=True)


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string", "format": "decimal"}]})
class AnswerValueField(serializers.Field[Decimal | bool, Any, Any, Any]):
    """True, false or a number."""

    def to_internal_value(self, data: Any) -> Decimal | bool:
        if isinstance(data, bool):
            return data
        number: Decimal = _build_decimal_field().to_internal_value(data)
        return number

    def to_representation(self, value: Any) -> Any:
        return value


class AnswerSerializer(StrictSerializer):
    """The user's answer to a question of the report: what a lever may do within a scope. Null removes the answer."""

    lever = serializers.CharField(max_length=MAX_LEVER_LENGTH)
    scope = serializers.CharField(max_length=MAX_SCOPE_LENGTH, required=False, allow_blank=True)
    value = AnswerValueField(allow_null=True)
    at = serializers.DateTimeField(required=False, allow_null=True)


class AssumptionsSerializer(StrictSerializer):
    """The user's assumptions about a log; prices are USD per million tokens. Null resets a field; in lists, an entry
    replaces the one of the same name, and all others stay."""

    assume_model = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False, allow_null=True)
    price_in = _build_decimal_field()
    price_out = _build_decimal_field()
    discount_percent = _build_decimal_field()
    model_prices = serializers.ListField(child=OwnPriceSerializer(), required=False, max_length=MAX_ENTRIES)
    model_names = serializers.ListField(child=ModelAliasSerializer(), required=False, max_length=MAX_ENTRIES)
    answers = serializers.ListField(child=AnswerSerializer(), required=False, max_length=MAX_ENTRIES)
    time_zone = serializers.CharField(max_length=MAX_ZONE_LENGTH, required=False, allow_null=True)
    target_model = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False, allow_null=True)


def to_change(fields: Mapping[str, Any]) -> AssumptionsChange:
    """Return the validated fields of an AssumptionsSerializer as a change. Raises BadInput for impossible prices."""
    kinds = {"model_prices": OwnPrice, "model_names": ModelAlias, "answers": LeverAnswer}
    return {
        name: tuple(kinds[name](**entry) for entry in value) if name in kinds and value is not None else value
        for name, value in fields.items()
    }


def present_assumptions(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored assumptions with all their fields."""
    return {**to_assumptions_json(NO_ASSUMPTIONS), **stored}
