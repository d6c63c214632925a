"""A part of a file, as bytes in a request's body: handed on as they come, never whole in memory."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from netra.core.exceptions import BadInput, TooLarge
from netra.language.text import text
from workloads.uploads import PART_BYTES

CHUNK = 1 << 16


class PartParser(BaseParser):
    """Takes application/octet-stream and leaves it unread."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Mapping[Any, Any]:
        return {}


def offset_of(request: Request) -> int:
    """Where the part begins. Raises BadInput if the request does not say."""
    given = request.headers.get("Upload-Offset", "")
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise BadInput(text("Say where this part begins: the header Upload-Offset, a number of bytes."))
    return int(given)


def chunks_of(request: Request) -> Iterator[bytes]:
    """The part's bytes. Raises TooLarge when there are more than one part may have, BadInput if they break off."""
    request.data  # noqa: B018 - refuses another content type
    stream = request.stream
    come = 0
    while stream is not None and (chunk := _read(stream)):
        come += len(chunk)
        if come > PART_BYTES:
            raise TooLarge(text("One part may have {bytes:,} bytes.", bytes=PART_BYTES))
        yield chunk


def _read(stream: IO[Any]) -> bytes:
    try:
        chunk: bytes = stream.read(CHUNK)
    except UnreadablePostError as error:
        raise BadInput(text("The part broke off: ask how far it came, and go on from there.")) from error
    return chunk
