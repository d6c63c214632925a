"""A log that a user brings: read apart from this process, stored in a file of its own, then owned by a row."""

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from uuid import UUID

from netra.core.exceptions import BadInput, StorageFull
from netra.core.jsonable import storable
from netra.core.scope import as_user
from netra.language.text import text
from workloads.confinement import DEFAULT, Limits, fit_size
from workloads.facts import Facts
from workloads.folders import private
from workloads.models import Workload, WorkloadState
from workloads.prices import Assumptions
from workloads.sandbox import Figures, ingest_apart
from workloads.store import source_data

PLAIN = Assumptions()


def bring(
    user_id: UUID,
    file: Path,
    *,
    data_dir: Path,
    format_name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    assumptions: Assumptions = PLAIN,
    limits: Limits = DEFAULT,
    stop: Event | None = None,
) -> Workload:
    """Read a file into a new workload of the user's. Blocks; `stop` ends it early, with RunCancelled.

    Its figures are computed too, under the `assumptions` that will be asked with.

    Raises BadInput or StorageFull, and leaves nothing behind then.
    """
    if storable(str(file)) != str(file):
        raise BadInput(text("The file's path holds bytes that are not text (UTF-8): rename it, then try again."))
    workload = Workload(owner_id=user_id, name=file.name[:255], state=WorkloadState.READY)
    path = workload.path(data_dir)
    found: list[Facts] = []
    try:
        private(path.parent)
        source = ingest_apart(
            file,
            path,
            format=format_name,
            mapping=mapping or {},
            name=file.name,
            stop=stop,
            limits=fit_size(limits, file.stat().st_size if file.is_file() else 0),
            figures=Figures(assumptions=assumptions, keep_in=workload.kept(data_dir), known=found.append),
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(text("There is no room left on the disk: the log was not stored.")) from error
        raise
    workload.source = source_data(source)
    try:
        workload.size = file.stat().st_size
        with as_user(user_id):
            workload.save(force_insert=True)
    except BaseException:
        path.unlink(missing_ok=True)
        shutil.rmtree(workload.kept(data_dir), ignore_errors=True)
        raise
    return workload
