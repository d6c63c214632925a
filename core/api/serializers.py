"""What a request may hold: the fields that there are, and no others, as over the websocket."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

UNKNOWN = "unknown_field"
"""The code of such an error; netra.core.api.errors says it in words."""
MOST_NAMED = 10
LONGEST_NAME = 100


class StrictSerializer(serializers.Serializer[Any]):
    """Every serializer of a request's body or query. An unknown field is an error of its own beside the others'."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = unknown_fields(data, self) if isinstance(data, Mapping) else {}
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


class StrictView(APIView):
    """Every view of the REST interface. `query` has the serializer of its query by action or method; without one there
    is none."""

    query: ClassVar[Mapping[str, type[StrictSerializer]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        name = getattr(self, "action", None) or str(request.method).lower()
        unknown = unknown_fields(request.query_params, self.query.get(name, NoFields)())
        if unknown:
            raise serializers.ValidationError(unknown)


def require_no_body(request: Request) -> None:
    """Refuse what somebody says to a route that takes nothing."""
    NoFields(data=request.data or {}).is_valid(raise_exception=True)


def unknown_fields(data: Mapping[str, Any], serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """An error for each name, of the first few, that the serializer does not read."""
    read = {name for name, field in serializer.fields.items() if not field.read_only}
    names = [str(name)[:LONGEST_NAME] for name in data if name not in read]
    return {name: [serializers.ErrorDetail(UNKNOWN, code=UNKNOWN)] for name in names[:MOST_NAMED]}


def close_objects(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what requests are made of takes no further properties."""
    schemas: dict[str, dict[str, Any]] = result.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return result
