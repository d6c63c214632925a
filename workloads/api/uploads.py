from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from netra.core.api.caller import caller, wake
from netra.core.api.parsing import JSONParser
from netra.core.api.strict import StrictView
from netra.core.scope import as_user
from workloads import uploads
from workloads.api.part import PartParser, chunks_of, offset_of
from workloads.api.place import data_dir, disk_reserve, stored_limit, upload_limit
from workloads.api.serializers import (
    ArrivedSerializer,
    BeginSerializer,
    BegunSerializer,
    UploadSerializer,
    UploadsSerializer,
)
from workloads.api.workloads import choice


class UploadViewSet(StrictView, ViewSet):
    """Files on their way here, in parts."""

    serializer_class = UploadSerializer
    lookup_value_converter = "uuid"

    def quota_of(self, user_id: UUID) -> int | None:
        """Bytes that a user may have stored: the room above knows of plans."""
        return stored_limit()

    def get_parsers(self) -> list[BaseParser]:
        return [PartParser() if self.request and self.request.method == "PATCH" else JSONParser()]

    @extend_schema(responses=UploadsSerializer)
    def list(self, request: Request) -> Response:
        user_id = caller(request).user_id
        with as_user(user_id):
            return Response({"results": UploadSerializer(uploads.unfinished(user_id), many=True).data})

    @extend_schema(request=BeginSerializer, responses={201: BegunSerializer})
    def create(self, request: Request) -> Response:
        """Announce a file; its bytes follow in parts."""
        given = BeginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        upload = uploads.begin(
            caller(request).user_id,
            name=asked["name"],
            size=asked["size"],
            fingerprint=asked.get("fingerprint") or "",
            **choice(asked),
            data_dir=data_dir(),
            limit=upload_limit(),
            reserve=disk_reserve(),
            quota=self.quota_of(caller(request).user_id),
        )
        data = UploadSerializer(upload).data | {"part_bytes": uploads.PART_BYTES}
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ArrivedSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(ArrivedSerializer(uploads.found(caller(request).user_id, pk)).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True),
            OpenApiParameter("Upload-Fingerprint", str, OpenApiParameter.HEADER),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=ArrivedSerializer,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Bring the part that begins at Upload-Offset."""
        upload = uploads.append(
            caller(request).user_id,
            pk,
            chunks_of(request),
            offset=offset_of(request),
            fingerprint=request.headers.get("Upload-Fingerprint", ""),
            data_dir=data_dir(),
            reserve=disk_reserve(),
            quota=self.quota_of(caller(request).user_id),
        )
        if upload.workload is not None:
            wake(request)
        return Response(ArrivedSerializer(upload).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        uploads.discard(caller(request).user_id, pk, data_dir())
        return Response(status=status.HTTP_204_NO_CONTENT)
