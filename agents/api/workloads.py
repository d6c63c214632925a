from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from agents import erasure
from netra.core.api.caller import caller, wake
from tools.policy.storage import stored_limit
from workloads.api import place, uploads, workloads
from workloads.api.place import data_dir


class WorkloadViewSet(workloads.WorkloadViewSet):
    """The user's logs; deleting one deletes all that was asked about it."""

    def quota_of(self, user_id: UUID) -> int:
        return stored_limit(user_id, place.stored_limit())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        erasure.delete_workload(caller(request).user_id, pk, data_dir())
        wake(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadViewSet(uploads.UploadViewSet):
    """Files on their way here, in parts, as far as the user's plan has room for them."""

    def quota_of(self, user_id: UUID) -> int:
        return stored_limit(user_id, place.stored_limit())
