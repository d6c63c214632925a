"""Request bodies of the REST interface."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import RawPostDataException, UnreadablePostError
from rest_framework.parsers import BaseParser

from netra.core.exceptions import BadInput
from netra.core.jsontext import parse_json, require_storable
from netra.language.text import text

BODY_BYTES = 1024**2


class JSONParser(BaseParser):
    """JSON as netra.core.jsontext reads it, whatever charset the request claims: JSON is UTF-8 (RFC 8259)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        value = parse_json(_read(stream), max_bytes=BODY_BYTES)
        require_storable(value)
        return value


def _read(stream: IO[Any]) -> bytes:
    try:
        body: bytes = stream.read()
    except (UnreadablePostError, RawPostDataException) as error:
        raise BadInput(text("The request's body ended early.")) from error
    return body
