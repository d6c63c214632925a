"""Strict serializers of request bodies and queries: an unknown field is an error, as over the websocket."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.api.pagination import MAX_LIMIT
from core.i18n.language import Language

UNKNOWN_FIELD = "unknown_field"
"""The code of the error; core.api.errors adds the message."""
MAX_REPORTED_FIELDS = 10
MAX_FIELD_NAME_CHARS = 100


class StrictSerializer(serializers.Serializer[Any]):
    """Base of all serializers of a request's body or query. Reports unknown fields together with other errors."""

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
    """A body or query without fields."""


def find_unknown_fields(data: Mapping[str, Any], serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """Return an error for each of the first few names that the serializer does not read."""
    read = {name for name, field in serializer.fields.items() if not field.read_only}
    names = [str(name)[:MAX_FIELD_NAME_CHARS] for name in data if name not in read]
    return {name: [serializers.ErrorDetail(UNKNOWN_FIELD, code=UNKNOWN_FIELD)] for name in names[:MAX_REPORTED_FIELDS]}


def forbid_additional_properties(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Close the schemas of requests to further properties; a hook of drf-spectacular."""
    schemas: dict[str, dict[str, Any]] = result.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return result


class PageSerializer(StrictSerializer):
    """`before` is `next` of the previous page."""

    before = serializers.CharField(max_length=100, required=False, allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, required=False)


class LanguageSerializer(serializers.Serializer[Any]):
    """`tag` is as in HTML's `lang`, `direction` as in its `dir`."""

    tag = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])


def language_to_json(language: Language) -> dict[str, str]:
    """Return the fields of LanguageSerializer."""
    return {"tag": language.tag, "direction": language.direction}
