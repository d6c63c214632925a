"""Health of the run workers of all processes: queued, running, overdue and unstoppable runs, and waiting logs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Min

from agents.models import Run, RunState
from agents.run_jobs import RUN
from core.db import as_all_users
from core.i18n.text import text
from core.jobs.queue import get_queue
from operators.base import OperatorTool, OperatorToolContext
from tools.base import DataKind, NoInput, SideEffects
from workloads.models import UNREADY_STATES, Workload

SLOW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHealth:
    """`overdue` runs have lost their worker, and are requeued soon; `stopping` runs were cancelled over 10 s ago.

    `oldest_seconds` is the waiting time of the oldest queued run.
    """

    workers: int
    running: int
    queued: int
    oldest_seconds: float
    overdue: int
    stopping: int
    logs_waiting: int
    healthy: bool


@as_all_users()
def run(arguments: NoInput, tool_context: OperatorToolContext) -> EngineHealth:
    now = datetime.now(UTC)
    running, queued = Run.objects.filter(state=RunState.RUNNING), Run.objects.filter(state=RunState.QUEUED)
    oldest = queued.aggregate(oldest=Min("created_at"))["oldest"]
    waited = (now - oldest).total_seconds() if oldest else 0.0
    overdue = len(get_queue().list_lost([RUN]))
    stopping = running.filter(cancel_requested_at__lt=now - SLOW_AFTER).count()
    return EngineHealth(
        workers=get_queue().count_workers(),
        running=running.count(),
        queued=queued.count(),
        oldest_seconds=round(waited, 1),
        overdue=overdue,
        stopping=stopping,
        logs_waiting=Workload.objects.filter(state__in=UNREADY_STATES).count(),
        healthy=not overdue and not stopping and (waited < SLOW_AFTER.total_seconds() or running.exists()),
    )


TOOL: OperatorTool[NoInput] = OperatorTool(
    name="engine_health",
    title=text("Worker status"),
    description="Reports how many runs are queued, running, overdue or not stopping, and how many logs await import.",
    input=NoInput,
    run=run,
    permission="operating.engine_health",
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES}),
)
