"""REST resources of logs and uploads, extended by deletion of their runs and by the limits of the user's plan."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from agents import user_data
from core.api.views import get_publish, request_context, wake_workers
from tools.policy.plans import get_storage_limit
from workloads.api import configuration, uploads, workloads
from workloads.api.configuration import get_data_dir


class WorkloadWithRunsViewSet(workloads.WorkloadViewSet):
    """The user's logs; deleting one deletes all that was asked about it."""

    def get_quota(self, user_id: UUID) -> int:
        return get_storage_limit(user_id, configuration.get_storage_limit())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        user_data.delete_workload(request_context(request).user_id, pk, get_data_dir(), publish=get_publish(request))
        wake_workers(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PlanLimitedUploadViewSet(uploads.UploadViewSet):
    """Files on their way here, in parts, as far as the user's plan has room for them."""

    def get_quota(self, user_id: UUID) -> int:
        return get_storage_limit(user_id, configuration.get_storage_limit())
