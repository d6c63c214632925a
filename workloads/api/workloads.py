from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from netra.core.api.caller import caller, wake
from netra.core.api.paging import PARAMETERS, PageSerializer, page_of
from netra.core.api.strict import StrictView, require_no_body
from netra.core.pages import take_page
from netra.core.scope import as_user
from netra.language.languages import language_of
from workloads import shelf, starter
from workloads.api.place import data_dir, disk_reserve, stored_limit
from workloads.api.serializers import NameSerializer, ReadSerializer, WorkloadSerializer, WorkloadsSerializer


class WorkloadViewSet(StrictView, ViewSet):
    """The user's logs. Deleting one also ends and deletes the runs on it: the room above adds that."""

    serializer_class = WorkloadSerializer
    lookup_value_converter = "uuid"
    query: ClassVar = {"list": PageSerializer}

    def quota_of(self, user_id: UUID) -> int | None:
        """Bytes that a user may have stored: the room above knows of plans."""
        return stored_limit()

    @extend_schema(parameters=[*PARAMETERS], responses=WorkloadsSerializer)
    def list(self, request: Request) -> Response:
        user_id = caller(request).user_id
        with as_user(user_id):
            page = take_page(shelf.logs(user_id), "created_at", **page_of(request))
        return Response({"results": WorkloadSerializer(page.rows, many=True).data, "next": page.next})

    @extend_schema(responses=WorkloadSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(WorkloadSerializer(shelf.log(caller(request).user_id, pk)).data)

    @extend_schema(request=NameSerializer, responses=WorkloadSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        given = NameSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        workload = shelf.rename(caller(request).user_id, pk, given.validated_data["name"])
        wake(request)
        return Response(WorkloadSerializer(workload).data)

    @extend_schema(request=None, responses={201: WorkloadSerializer})
    @action(detail=False, methods=["post"])
    def sample(self, request: Request) -> Response:
        """Give the user a copy of the sample log."""
        require_no_body(request)
        mine = caller(request)
        quota, reserve = self.quota_of(mine.user_id), disk_reserve()
        workload = starter.give(mine.user_id, data_dir(), language_of(mine.locale), quota=quota, reserve=reserve)
        wake(request)
        return Response(WorkloadSerializer(workload).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReadSerializer, responses={202: WorkloadSerializer})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: UUID) -> Response:
        """Read the file again, with another format or mapping."""
        given = ReadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        workload = shelf.read_again(caller(request).user_id, pk, **choice(given.validated_data))
        wake(request)
        return Response(WorkloadSerializer(workload).data, status=status.HTTP_202_ACCEPTED)


def choice(given: dict[str, Any]) -> dict[str, Any]:
    """The format and mapping that a request asks for."""
    return {"form": given.get("format") or "", "mapping": given.get("mapping") or {}}
