"""Open the analysis of a log outside a run, in a child process or by answers that were kept, and ask it a query."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from core.db import as_user
from core.exceptions import BadInput, Conflict
from core.files import private_dir
from core.i18n.text import text
from workloads.analysis.analysis import Analysis
from workloads.analysis.calculator import open_analysis_in_child
from workloads.child_process import ProcessLimits, fit_request
from workloads.files.installed import get_log_files
from workloads.models import UNREADY_STATES, Workload, WorkloadState
from workloads.pricing.assumptions import Assumptions, read_assumptions
from workloads.pricing.price_file import load_price_file

T = TypeVar("T")


def answer_query(
    user_id: UUID,
    workload_id: UUID,
    question: Callable[[Analysis], T],
    *,
    data_dir: Path,
    temp: Path,
    limits: ProcessLimits,
    seconds: int,
    price_file: Path | None = None,
) -> T:
    """Return the answer of `question` about the user's log, with the prices and answers that are kept with it.

    `temp` is a new folder of this call, and is removed. `seconds` is the longest time that it may take.

    Raises NotFound if the log is not the user's, Conflict while it is being read, BadInput for an invalid query.
    """
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
    if workload.state in UNREADY_STATES:
        raise Conflict(text("This log is still being read. Try again in a moment."))
    if workload.state != WorkloadState.READY:
        raise BadInput(text("This log could not be read: {why}", why=workload.error))
    assumptions, limits = read_assumptions(workload.assumptions), fit_request(limits, workload.size, seconds)
    with open_log(
        workload, assumptions, data_dir=data_dir, temp=temp, limits=limits, price_file=price_file
    ) as analysis:
        return question(analysis)


@contextmanager
def open_log(
    workload: Workload,
    assumptions: Assumptions,
    *,
    data_dir: Path,
    temp: Path,
    limits: ProcessLimits,
    price_file: Path | None,
) -> Iterator[Analysis]:
    """Open the analysis of a log in a child process with these limits. `temp` is a new folder, and is removed."""
    try:
        with (
            get_log_files(data_dir).open_log(workload) as log,
            open_analysis_in_child(
                log.path,
                private_dir(temp),
                assumptions,
                name=workload.name,
                answers_dir=log.answers_dir,
                shared_answers=log.shared_answers,
                limits=limits,
                price_file=load_price_file(price_file),
            ) as analysis,
        ):
            yield analysis
    finally:
        shutil.rmtree(temp, ignore_errors=True)
