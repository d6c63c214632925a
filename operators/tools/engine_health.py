"""How the engines of all processes are: what waits, who works, and what nobody works on although they should."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Min

from agents.models import Run, RunState
from netra.language.text import text
from netra.operating.base import OperatorTool, Reach
from tools.base import NoInput, SideEffects
from tools.kinds import Kind
from workloads.models import WAITING, Workload

SLOW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """`overdue`: runs whose worker has not renewed its lease; the next sweep gives them back. `stopping`: asked to end
    more than 10 s ago and not over. `oldest_seconds`: how long the oldest question has waited."""

    workers: int
    running: int
    queued: int
    oldest_seconds: float
    overdue: int
    stopping: int
    logs_waiting: int
    well: bool


def run(wanted: NoInput, reach: Reach) -> Engines:
    now = datetime.now(UTC)
    running, queued = Run.objects.filter(state=RunState.RUNNING), Run.objects.filter(state=RunState.QUEUED)
    oldest = queued.aggregate(oldest=Min("created_at"))["oldest"]
    waited = (now - oldest).total_seconds() if oldest else 0.0
    overdue = running.filter(lease_until__lt=now).count()
    stopping = running.filter(cancel_requested_at__lt=now - SLOW).count()
    return Engines(
        workers=running.aggregate(count=Count("worker", distinct=True))["count"],
        running=running.count(),
        queued=queued.count(),
        oldest_seconds=round(waited, 1),
        overdue=overdue,
        stopping=stopping,
        logs_waiting=Workload.objects.filter(state__in=WAITING).count(),
        well=not overdue and not stopping and (waited < SLOW.total_seconds() or running.exists()),
    )


TOOL: OperatorTool[NoInput] = OperatorTool(
    name="engine_health",
    title=text("How the engines are"),
    description="Tells how many runs wait, run, are overdue or do not stop, and how many logs wait to be read.",
    input=NoInput,
    run=run,
    permission="operating.engine_health",
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS}),
)
