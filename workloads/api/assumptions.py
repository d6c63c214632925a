"""The JSON of a log's assumptions and prices, as docs/protocol.md describes it.

Assumptions are what the user states about prices, names and levers; prices are those applied to the log's models."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from core.i18n.text import from_json
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
from workloads.pricing.own_prices import MAX_NAME_LENGTH, TOKEN_KINDS, ModelAlias, OwnPrice
from workloads.pricing.price_list import PriceList


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


MAX_SUGGESTED = 20
"""Models for which similar names are looked up, which takes milliseconds each."""

SHOWN_KINDS = ("fresh_input", "cache_read", "cache_write", "output")
MORE_KINDS = tuple(kind for kind in TOKEN_KINDS if kind not in SHOWN_KINDS)


class ModelPriceSerializer(serializers.Serializer[Any]):
    """The prices of one model, provider and tier of the log: USD per million tokens, as decimal strings.

    `more_prices` has those of other kinds that differ, by the names of an own price; fees in USD per thousand.
    """

    model = serializers.CharField(allow_null=True)
    provider = serializers.CharField(allow_null=True)
    tier = serializers.CharField(allow_null=True)
    priced_as = serializers.CharField(allow_null=True)
    history = serializers.CharField()
    fresh_input = serializers.CharField()
    cache_read = serializers.CharField()
    cache_write = serializers.CharField()
    output = serializers.CharField()
    more_prices = serializers.DictField(child=serializers.CharField())
    discount_percent = serializers.CharField()


class UnpricedModelSerializer(serializers.Serializer[Any]):
    """A model of the log without a price, and why."""

    model = serializers.CharField(allow_null=True)
    provider = serializers.CharField(allow_null=True)
    why = serializers.CharField()
    similar = serializers.ListField(child=serializers.CharField())


class PriceFileSerializer(serializers.Serializer[Any]):
    """The operator's price file that goes before the price list."""

    title = serializers.CharField(allow_blank=True)
    date = serializers.CharField()


class LogPricesSerializer(serializers.Serializer[Any]):
    """`due`: they are being computed again, because the log's prices were changed."""

    due = serializers.BooleanField()
    version = serializers.CharField()
    date = serializers.CharField()
    file = PriceFileSerializer(allow_null=True)
    models = ModelPriceSerializer(many=True)
    unpriced = UnpricedModelSerializer(many=True)


def present_prices(stored: Mapping[str, Any] | None, *, is_due: bool) -> dict[str, Any]:
    """Return the stored prices of a log as one object; without any, its lists are empty."""
    price_list = PriceList()
    known: Mapping[str, Any] = stored or {"models": (), "unpriced": ()}
    return {
        "due": is_due,
        "version": known.get("list_version", ""),
        "date": known.get("list_date", ""),
        "file": known.get("file"),
        "models": [_present_model(model) for model in known["models"]],
        "unpriced": [
            _present_unpriced(model, price_list if place < MAX_SUGGESTED else None)
            for place, model in enumerate(known["unpriced"])
        ],
    }


def _present_model(model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: model[name] for name in ("model", "provider", "tier", "history", "discount_percent", *SHOWN_KINDS)},
        "more_prices": {kind: usd for kind, usd in (model.get("more_prices") or {}).items() if kind in MORE_KINDS},
        "priced_as": f"{model['provider_id']}/{model['model_id']}" if model["model_id"] else None,
    }


def _present_unpriced(model: Mapping[str, Any], price_list: PriceList | None) -> dict[str, Any]:
    name = model["model"]
    similar = price_list.find_similar(name) if price_list and name else ()
    return {"model": name, "provider": model["provider"], "why": from_json(model["why"]), "similar": list(similar)}
