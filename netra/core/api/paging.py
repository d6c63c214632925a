"""Which page of a list is asked for, over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from netra.core.api.strict import StrictSerializer
from netra.core.pages import MOST

PARAMETERS = (
    OpenApiParameter("before", str, description="`next` of the page before; without: the newest"),
    OpenApiParameter("limit", int, description=f"at most so many, up to {MOST}"),
)


class PageSerializer(StrictSerializer):
    """`before` is `next` of the page before."""

    before = serializers.CharField(max_length=100, required=False, allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=MOST, required=False)


def page_of(request: Request, kind: type[StrictSerializer] = PageSerializer) -> dict[str, Any]:
    """The arguments of `take_page` that a request gives. Raises DRF's ValidationError."""
    asked = kind(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return {name: asked.validated_data[name] for name in ("before", "limit") if name in asked.validated_data}
