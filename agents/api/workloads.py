"""REST resources of logs and uploads, with the storage limit of the user's plan and the deletion of a log's runs."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from agents import user_data
from core.api.views import get_publish, request_context, wake_workers
from tools.policy.plans import get_storage_limit
from workloads.api import configuration
from workloads.api.uploads import BaseUploadViewSet
from workloads.api.workloads import BaseWorkloadViewSet


class PlanQuotaMixin:
    """Limits what a user may store by their plan."""

    def get_quota(self, user_id: UUID) -> int:
        return get_storage_limit(user_id, configuration.get_storage_limit())


class WorkloadViewSet(PlanQuotaMixin, BaseWorkloadViewSet):
    """The user's logs. Deleting a log also deletes the questions about it, with their answers."""

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        user_id, data_dir = request_context(request).user_id, configuration.get_data_dir()
        user_data.delete_workload(user_id, pk, data_dir, publish=get_publish(request))
        wake_workers(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadViewSet(PlanQuotaMixin, BaseUploadViewSet):
    """Files that the user uploads in parts, as far as their plan has room."""
