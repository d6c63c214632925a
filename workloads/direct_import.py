"""Import a file from this machine into a new log at once, without the queue (`manage.py optimize`)."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event
from uuid import UUID

from django.db import transaction

from core.db import as_user
from core.exceptions import BadInput
from core.files import convert_disk_full, private_dir
from core.i18n.text import text
from core.json_data import to_storable
from workloads.analysis.opening import LogSummary
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits, fit_size
from workloads.files.installed import get_log_files
from workloads.files.staging import get_staging_answers, get_staging_path
from workloads.ingest.database import source_to_json
from workloads.ingest.sandbox import PrecomputeRequest, ingest_in_child
from workloads.models import Workload, WorkloadState
from workloads.pricing.assumptions import NO_ASSUMPTIONS, Assumptions, to_assumptions_json
from workloads.pricing.price_file import load_price_file

log = logging.getLogger(__name__)


def import_file(
    user_id: UUID,
    file: Path,
    *,
    data_dir: Path,
    format_name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    assumptions: Assumptions = NO_ASSUMPTIONS,
    limits: ProcessLimits = DEFAULT_LIMITS,
    stop: Event | None = None,
    price_file: Path | None = None,
    precompute: bool = True,
) -> Workload:
    """Import a file into a new workload of the user. Blocks; `stop` ends it early, with RunCancelled.

    The figures of its report are computed, too, unless not `precompute`, under the `assumptions`, which are kept with
    it. Raises BadInput or StorageFull, and
    then leaves no files behind.
    """
    if to_storable(str(file)) != str(file):
        raise BadInput(text("The file's path is not valid UTF-8. Rename the file, then try again."))
    workload = Workload(owner_id=user_id, name=file.name[:255], state=WorkloadState.READY)
    workload.assumptions = to_assumptions_json(assumptions)
    files, path = get_log_files(data_dir), get_staging_path(workload, workload.attempt, data_dir)
    with convert_disk_full(text("The log was not stored because the disk is full.")):
        private_dir(path.parent)
        source = ingest_in_child(
            file,
            path,
            format=format_name,
            mapping=mapping or {},
            name=file.name,
            stop=stop,
            limits=fit_size(limits, file.stat().st_size if file.is_file() else 0),
            precompute=PrecomputeRequest(
                assumptions=assumptions,
                price_file=load_price_file(price_file),
                answers_dir=get_staging_answers(path),
                on_summary=_ignore_summary,
                on_failure=partial(log.error, "not all answers about a log could be computed: %s"),
            )
            if precompute
            else None,
        )
    workload.source = source_to_json(source)
    is_placed = False
    try:
        workload.size = file.stat().st_size
        workload.imported = files.save_import(workload, workload.attempt)
        with as_user(user_id), transaction.atomic():
            workload.save(force_insert=True)
            files.place_import(workload, workload.attempt, None)
        is_placed = True
    finally:
        files.discard_import(workload, workload.attempt, None if is_placed else workload.imported)
    return workload


def _ignore_summary(summary: LogSummary) -> None:
    """Do nothing, because the caller asks for all figures anyway."""
