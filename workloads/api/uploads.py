"""The REST resource of uploads. A part is written to disk as it arrives, without buffering it in memory."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import IO, Any
from uuid import UUID

from django.http import UnreadablePostError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.json_media import JSONParser
from core.api.views import StrictView, get_publish, hold_computing_slot, request_context, wake_workers
from core.db import as_user
from core.exceptions import BadInput, TooLarge
from core.i18n.text import text
from workloads import uploads
from workloads.api.configuration import get_data_dir, get_disk_reserve, get_upload_limit
from workloads.api.serializers import (
    UploadProgressSerializer,
    UploadSerializer,
    UploadsSerializer,
    UploadStartedSerializer,
    UploadStartSerializer,
    to_format_choice,
)
from workloads.files.installed import get_log_files
from workloads.uploads import PART_BYTES

CHUNK_BYTES = 1 << 16


class PartParser(BaseParser):
    """Accepts application/octet-stream and leaves the body unread."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Mapping[Any, Any]:
        return {}


class BaseUploadViewSet(StrictView, ViewSet):
    """The resource of uploads, except the user's quota: agents.api.workloads adds that and has the route."""

    serializer_class = UploadSerializer
    lookup_value_converter = "uuid"

    def get_quota(self, user_id: UUID) -> int:
        """Return the bytes that a user may have stored."""
        raise NotImplementedError

    def get_parsers(self) -> list[BaseParser]:
        return [PartParser() if self.request and self.request.method == "PATCH" else JSONParser()]

    @extend_schema(responses=UploadsSerializer)
    def list(self, request: Request) -> Response:
        user_id = request_context(request).user_id
        with as_user(user_id):
            return Response({"results": UploadSerializer(uploads.list_unfinished(user_id), many=True).data})

    @extend_schema(request=UploadStartSerializer, responses={201: UploadStartedSerializer})
    def create(self, request: Request) -> Response:
        """Start an upload; the bytes follow in parts."""
        serializer = UploadStartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        upload = uploads.start_upload(
            request_context(request).user_id,
            name=fields["name"],
            size=fields["size"],
            fingerprint=fields.get("fingerprint") or "",
            **to_format_choice(fields),
            data_dir=get_data_dir(),
            limit=get_upload_limit(),
            reserve=get_disk_reserve(),
            quota=self.get_quota(request_context(request).user_id),
        )
        data = UploadSerializer(upload).data | {"part_bytes": uploads.PART_BYTES}
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=UploadProgressSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(UploadProgressSerializer(uploads.get_upload(request_context(request).user_id, pk)).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True),
            OpenApiParameter("Upload-Fingerprint", str, OpenApiParameter.HEADER),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadProgressSerializer,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Upload the part that starts at Upload-Offset."""
        quota = self.get_quota(request_context(request).user_id)
        # An object store may be slow: other requests have their turn meanwhile.
        with nullcontext() if get_log_files(get_data_dir()).are_on_disk else hold_computing_slot(request):
            upload = uploads.append_part(
                request_context(request).user_id,
                pk,
                iter_part(request),
                offset=parse_offset(request),
                fingerprint=request.headers.get("Upload-Fingerprint", ""),
                data_dir=get_data_dir(),
                reserve=get_disk_reserve(),
                quota=quota,
                publish=get_publish(request),
            )
        if upload.workload is not None:
            wake_workers(request)
        return Response(UploadProgressSerializer(upload).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        uploads.discard_upload(request_context(request).user_id, pk, get_data_dir())
        return Response(status=status.HTTP_204_NO_CONTENT)


def parse_offset(request: Request) -> int:
    """Return the offset of the part. Raises BadInput if the request has none."""
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= 18):
        raise BadInput(text("Upload-Offset header required: the number of bytes before this part."))
    return int(offset)


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
