"""The JSON of the prices that were applied to a log's models, as docs/protocol.md describes it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.i18n.text import from_json
from workloads.pricing.own_prices import TOKEN_KINDS
from workloads.pricing.price_list import PriceList

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
