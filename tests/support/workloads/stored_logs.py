"""Logs that are read and answered on machines which share the database and an object store, if there is one."""

from pathlib import Path
from threading import Event
from uuid import uuid4

from core.models import User
from tests.support.workloads.uploaded_logs import LOG, PATIENT_LIMITS, begin_import, upload_log
from workloads import import_attempt
from workloads.log_queries import answer_query
from workloads.models import Workload


def read_log(user: User, data_dir: Path, content: bytes = LOG) -> Workload:
    """A log that was uploaded and read on the machine with this data folder."""
    job = begin_import(upload_log(user, data_dir, content))
    result = import_attempt.run_import(job, data_dir, Event())
    is_placed = import_attempt.store_result(job, result, data_dir)
    import_attempt.discard_attempt(job, result, data_dir, is_placed=is_placed)
    found: Workload = Workload.objects.get(id=job.workload_id)
    return found


def ask(workload: Workload, data_dir: Path) -> int | None:
    """The requests of a log, as the machine with this data folder answers it."""
    return answer_query(
        workload.owner_id,
        workload.id,
        lambda analysis: analysis.spend().priced_requests,
        data_dir=data_dir,
        temp=data_dir / "scratch" / str(uuid4()),
        limits=PATIENT_LIMITS,
        seconds=300,
    )
