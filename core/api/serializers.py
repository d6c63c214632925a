"""Strict serializers of request bodies and queries: an unknown field is an error, as over the websocket."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.i18n.language import Language
from core.pagination import MAX_LIMIT

UNKNOWN_FIELD = "unknown_field"
"""The code of such an error; core.api.errors says it in words."""
MAX_REPORTED_FIELDS = 10
MAX_FIELD_NAME_CHARS = 100


class StrictSerializer(serializers.Serializer[Any]):
    """Every serializer of a request's body or query. An unknown field is an error of its own beside the others'."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = find_unknown_fields(data, self) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**error.detail, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class NoFields(StrictSerializer):
    """A body, or a query, that has nothing to say."""


def find_unknown_fields(data: Mapping[str, Any], serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """An error for each name, of the first few, that the serializer does not read."""
    read = {name for name, field in serializer.fields.items() if not field.read_only}
    names = [str(name)[:MAX_FIELD_NAME_CHARS] for name in data if name not in read]
    return {name: [serializers.ErrorDetail(UNKNOWN_FIELD, code=UNKNOWN_FIELD)] for name in names[:MAX_REPORTED_FIELDS]}


def forbid_additional_properties(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what requests are made of takes no further properties."""
    schemas: dict[str, dict[str, Any]] = result.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return result


class PageSerializer(StrictSerializer):
    """`before` is `next` of the page before."""

    before = serializers.CharField(max_length=100, required=False, allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, required=False)


class LanguageSerializer(serializers.Serializer[Any]):
    """`tag` is as of HTML's `lang`, `direction` as of its `dir`."""

    tag = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])


def language_to_json(language: Language) -> dict[str, str]:
    """As LanguageSerializer has it."""
    return {"tag": language.tag, "direction": language.direction}
