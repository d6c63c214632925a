"""The files of a report that are computed from its log when somebody asks for them: the FOCUS export."""

import time
from pathlib import Path
from uuid import UUID

from agents import queries
from workloads.child_process import ProcessLimits
from workloads.focus.download import export_focus
from workloads.pricing.assumptions import read_assumptions


def export_report_focus(
    user_id: UUID, run_id: UUID, *, data_dir: Path, limits: ProcessLimits, price_file: Path | None = None
) -> str:
    """Return the spend of a run's report as FOCUS CSV; its rows sum to the report's total.

    Raises NotFound for another user's run or one without a report, and as `export_focus`.
    """
    run, report = queries.get_run(user_id, run_id), queries.get_report(user_id, run_id)
    return export_focus(
        user_id,
        run.workload_id,
        read_assumptions(run.assumptions),
        total=(report.get("spend") or {}).get("total"),
        data_dir=data_dir,
        # Named like the scratch folder of a run, so that what a crash leaves behind is pruned.
        temp=data_dir / "scratch" / f"{run.id}-{time.time_ns()}",
        limits=limits,
        price_file=price_file,
    )
