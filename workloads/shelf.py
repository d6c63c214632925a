"""A user's logs: looked up, renamed, read again."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from netra.core.exceptions import Conflict, NotFound
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.text import text
from workloads import claims
from workloads.models import WAITING, Workload, WorkloadState
from workloads.names import shown
from workloads.uploads import check_choice


def logs(user_id: UUID) -> QuerySet[Workload]:
    """The user's logs, newest first."""
    return Workload.objects.for_user(user_id).order_by("-created_at", "id")


def log(user_id: UUID, workload_id: UUID) -> Workload:
    """Raises NotFound for a log that is not the user's."""
    with as_user(user_id):
        return _found(logs(user_id), workload_id)


@retry_on_conflict
def rename(user_id: UUID, workload_id: UUID, name: str) -> Workload:
    with as_user(user_id), transaction.atomic():
        workload = _found(logs(user_id).select_for_update(), workload_id)
        workload.name = shown(name)
        workload.save(update_fields=["name"])
        claims.tell(workload)
    return workload


@retry_on_conflict
def read_again(user_id: UUID, workload_id: UUID, *, form: str, mapping: Mapping[str, str]) -> Workload:
    """Queue a log to be read with another format ("": told from the columns) and mapping. What was read before is
    replaced when that is done, and stays where only room was missing; of a reading that fails for another reason
    nothing is kept but the file as it was brought.

    Raises NotFound, BadInput for a format or field that there is not, Conflict for a log that is being read, whose
    file was not kept, or is no table at all.
    """
    check_choice(form, mapping)
    with as_user(user_id), transaction.atomic():
        workload = _found(logs(user_id).select_for_update(), workload_id)
        if workload.state in WAITING:
            raise Conflict(text("This log is still being read: correct it in a moment."))
        if not workload.raw_kept:
            raise Conflict(text("The file that this log was read from was not kept: bring it once more."))
        if workload.no_table:
            raise Conflict(text("The file holds no table, however it is read: bring another one."))
        workload.form, workload.mapping = form, dict(mapping)
        workload.state, workload.losses = WorkloadState.QUEUED, 0
        workload.error_code = workload.error = ""
        workload.save()
        claims.tell(workload)
    return workload


def _found(among: QuerySet[Workload], workload_id: UUID) -> Workload:
    workload = among.filter(id=workload_id).first()
    if workload is None:
        raise NotFound(text("There is no such log among yours."))
    return workload
