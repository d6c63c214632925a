"""Deleting a log: its files, its row, what was told of it. Runs on it are the business of the room above."""

from pathlib import Path
from uuid import UUID

from django.db import transaction

from netra.core import stream
from netra.core.events import WorkloadDeleted
from netra.core.exceptions import NotFound
from netra.core.heads import lock_head
from netra.core.models import Event
from netra.core.scope import as_user
from netra.language.text import text
from workloads.attempt import remove_leftovers
from workloads.models import Upload, Workload


def erase(user_id: UUID, workload_id: UUID, data_dir: Path) -> None:
    """In one transaction, the caller's if there is one. A reader at work on it loses it and is stopped.

    Raises NotFound for a log that is not the user's.
    """
    with as_user(user_id), transaction.atomic():
        workload: Workload | None = (
            Workload.objects.for_user(user_id).select_for_update().filter(id=workload_id).first()
        )
        if workload is None:
            raise NotFound(text("There is no such log among yours."))
        lock_head(user_id)  # after the row, and before what goes: the order of agents.locks
        Event.objects.for_user(user_id).filter(type="workload_changed", payload__workload_id=str(workload_id)).delete()
        workload.delete()
        stream.append(user_id, WorkloadDeleted(workload_id=workload_id))
        # While the row is locked no reader can put a file in place; a failure leaves the row, to try again.
        remove_files(Workload(id=workload_id, owner_id=user_id), data_dir)


def remove_files(workload: Workload, data_dir: Path) -> None:
    """All that lies on the disk of a log, also of one that is not there or not whole."""
    if workload.kept(data_dir).exists():
        # Moved first: a run that ends in this moment keeps its answers in a folder that is not there any more.
        workload.kept(data_dir).rename(workload.path(data_dir).with_name(f".{workload.path(data_dir).name}.answers"))
    remove_leftovers(workload, data_dir)
    upload = Upload(id=workload.id, owner_id=workload.owner_id)
    # What was uploaded first: a reader may be about to take it over as the raw file.
    for path in (upload.path(data_dir), workload.raw(data_dir), workload.path(data_dir)):
        path.unlink(missing_ok=True)
