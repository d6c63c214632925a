"""All that is one user's: conversations, logs, uploads, events and the files of them."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from agents.erasure import delete_thread, delete_workload
from agents.models import Run, Thread
from agents.scratch import scratch_of
from netra.core.exceptions import NotFound
from netra.core.floor import drop
from netra.core.ondisk import OnDisk, looked
from netra.core.scope import as_user
from workloads import uploads
from workloads.models import Upload, Workload, WorkloadState
from workloads.orphans import FOLDERS


def ids_at_work(user_id: UUID) -> frozenset[UUID]:
    """The runs and logs of the user: working folders are named by them."""
    with as_user(user_id):
        of_runs = Run.objects.for_user(user_id).values_list("id", flat=True)
        return frozenset((*of_runs, *Workload.objects.for_user(user_id).values_list("id", flat=True)))


def being_read(user_id: UUID) -> bool:
    with as_user(user_id):
        return Workload.objects.for_user(user_id).filter(state=WorkloadState.READING).exists()


def files_of(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> tuple[OnDisk, ...]:
    """The user's own folders, and the working folders of these runs and logs."""
    own = [data_dir / kind / str(user_id) for kind in FOLDERS]
    return looked([*own, *scratch_of(ids, data_dir)])


def delete_estate(user_id: UUID, data_dir: Path) -> None:
    """Each thing in a transaction of its own, as if the user deleted one after the other: a worker that has one loses
    it, and whoever is interrupted can begin again."""
    with as_user(user_id):
        logs = list(Workload.objects.for_user(user_id).values_list("id", flat=True))
        threads = list(Thread.objects.for_user(user_id).values_list("id", flat=True))
        begun = list(Upload.objects.for_user(user_id).values_list("id", flat=True))
    _each(logs, lambda log: delete_workload(user_id, log, data_dir))
    _each(threads, lambda thread: delete_thread(user_id, thread))
    _each(begun, lambda upload: uploads.discard(user_id, upload, data_dir))
    drop(user_id, Q())


def _each(ids: Iterable[UUID], delete: Callable[[UUID], None]) -> None:
    for each in ids:
        try:
            delete(each)
        except NotFound:
            continue  # gone with another one, or by its owner's own hand
