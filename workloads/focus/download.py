"""The FOCUS export of one report's log, computed in a child process or taken from the figures cached beside the log."""

import shutil
from pathlib import Path
from uuid import UUID

from core.db import as_user
from core.exceptions import BadInput, Conflict
from core.files import private_dir
from core.i18n.text import text
from workloads.analysis.calculator import open_analysis_in_child
from workloads.child_process import ProcessLimits, fit_request
from workloads.focus.export import to_focus_csv
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import load_price_file

MAX_SECONDS = 120
"""Of the computation, because a request waits for it."""


def export_focus(
    user_id: UUID,
    workload_id: UUID | None,
    assumptions: Assumptions,
    *,
    total: float | None,
    data_dir: Path,
    temp: Path,
    limits: ProcessLimits,
    price_file: Path | None = None,
) -> str:
    """Return the spend of the user's log as FOCUS CSV. Its rows sum to `total`, the spend of the report. `temp` is a
    new folder of this call, and is removed.

    Raises BadInput if the log can't be exported, NotFound if it is not the user's, and Conflict if its spend is no
    longer the report's, because the price list or the program has changed since.
    """
    if workload_id is None:
        raise BadInput(text("This report has no log."))
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
    try:
        with open_analysis_in_child(
            workload.get_path(data_dir),
            private_dir(temp),
            assumptions,
            name=workload.name,
            answers_dir=workload.get_answers_dir(data_dir),
            limits=fit_request(limits, workload.size, MAX_SECONDS),
            price_file=load_price_file(price_file),
        ) as analysis:
            usage, models = analysis.focus_usage(), analysis.prices.models
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    if usage.unknown is not None:
        raise BadInput(usage.unknown)
    if total is None or float(usage.total) != total:
        raise Conflict(text("Prices have changed since this report. Ask again, then export the new report."))
    return to_focus_csv(usage, models)
