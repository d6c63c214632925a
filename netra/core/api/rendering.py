"""Where REST answers leave: what is in them of ours is said in the language that the request asks for."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

from netra.core.spoken import spoken
from netra.language.languages import ENGLISH
from netra.language.saying import said


class SpokenJSONRenderer(JSONRenderer):
    """JSON, as Django REST framework writes it, with every Text said."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        request = (renderer_context or {}).get("request")
        language = ENGLISH if request is None else spoken(request)
        rendered: bytes = super().render(said(data, language), accepted_media_type, renderer_context)
        return rendered
