"""The JSON of REST: the parser of request bodies and the renderer of translated responses."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import RawPostDataException, UnreadablePostError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from core.exceptions import BadInput
from core.i18n.language import ENGLISH, request_language
from core.i18n.text import text, translate
from core.json_data import parse_json, require_storable

MAX_BODY_BYTES = 1024**2


class JSONParser(BaseParser):
    """Parses JSON with core.json_data, whatever charset the request claims: JSON is UTF-8 (RFC 8259)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        value = parse_json(_read_body(stream), max_bytes=MAX_BODY_BYTES)
        require_storable(value)
        return value


def _read_body(stream: IO[Any]) -> bytes:
    try:
        body: bytes = stream.read()
    except (UnreadablePostError, RawPostDataException) as error:
        raise BadInput(text("The request body ended early.")) from error
    return body


class TranslatedJSONRenderer(JSONRenderer):
    """Renders JSON with every Text translated."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        request = (renderer_context or {}).get("request")
        language = ENGLISH if request is None else request_language(request)
        rendered: bytes = super().render(translate(data, language), accepted_media_type, renderer_context)
        return rendered
