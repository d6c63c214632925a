"""Bodies that are files or parts of them: read in chunks as they arrive, without buffering them in memory."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from core.exceptions import BadInput, TooLarge
from core.i18n.text import text
from workloads.uploads import PART_BYTES

CHUNK_BYTES = 1 << 16


class PartParser(BaseParser):
    """Accepts application/octet-stream and leaves the body unread."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Mapping[Any, Any]:
        return {}


def iter_part(request: Request) -> Iterator[bytes]:
    """Yield the part's bytes. Raises TooLarge if there are more than PART_BYTES, BadInput if the connection breaks."""
    request.data  # noqa: B018 - raises for another content type
    stream = request.stream
    size = 0
    while stream is not None and (chunk := _read_chunk(stream)):
        size += len(chunk)
        if size > PART_BYTES:
            raise TooLarge(text("A part can have at most {bytes:,} bytes.", bytes=PART_BYTES))
        yield chunk


def _read_chunk(stream: IO[Any]) -> bytes:
    try:
        chunk: bytes = stream.read(CHUNK_BYTES)
    except UnreadablePostError as error:
        raise BadInput(
            text("The connection was interrupted. Ask for the upload's offset and continue from there.")
        ) from error
    return chunk
