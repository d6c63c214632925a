"""`/api/schema/`: the OpenAPI document, rendered once per process and media type."""

import hashlib
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request

from core.api.serializers import StrictSerializer
from core.api.views import StrictView
from netra.server.scope_services import get_cached_value

FRESH_SECONDS = 600


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """Knox's description of its tokens, for our subclass of its authentication."""

    target_class = "core.api.authentication.TokenAuthentication"


class SchemaFormatSerializer(StrictSerializer):
    """`format` is `yaml` or `json`; without it the Accept header decides."""

    format = serializers.CharField(required=False, max_length=40)


class SchemaView(StrictView, SpectacularAPIView):
    """The document is public and the same for everybody: no user is looked up, and it depends on no request."""

    authentication_classes = ()
    throttle_classes = ()
    query: ClassVar = {"get": SchemaFormatSerializer}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        plain: HttpRequest = request._request
        content = get_cached_value(plain, "schema", renderer.media_type).get(lambda: _render_schema(renderer))
        answer = HttpResponse(content, content_type=renderer.media_type)
        answer["Content-Disposition"] = f'inline; filename="netra-api.{renderer.format}"'
        answer["ETag"] = etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        patch_cache_control(answer, public=True, max_age=FRESH_SECONDS)
        patch_vary_headers(answer, ("Accept",))
        conditional = get_conditional_response(plain, etag=etag, response=answer)
        return answer if conditional is None else conditional


def _render_schema(renderer: Any) -> bytes:
    generator: Any = SchemaGenerator
    return bytes(renderer.render(generator().get_schema(request=None, public=True), renderer_context={}))
