"""List data past its retention, and remove it if the operator confirms. `manage.py prune` does the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.apps import apps
from pydantic import Field

from agents.retention import OldEvents, OrphanedScratch
from core.i18n.text import text
from core.retention import Garbage, HasPrunable, Prunable
from operators.base import OperatorTool, OperatorToolContext
from tools.base import DataKind, SideEffects, ToolInput
from tools.quota.slots import ExpiredSlots
from tools.spending.budgets import ExpiredHolds
from workloads.files.upkeep import list_prunable_objects
from workloads.retention import ExpiredUploads, OrphanedFiles


def list_prunables(data_dir: Path, days: int, now: datetime) -> tuple[Prunable, ...]:
    """Return every kind of data that can be pruned at `now` (aware, UTC); of events, those of runs that ended `days`
    ago or earlier."""
    before = now - timedelta(days=days)
    return (
        OldEvents(ended_before=before),
        ExpiredUploads(data_dir=data_dir, now=now),
        OrphanedFiles(data_dir=data_dir, now=now),
        OrphanedScratch(data_dir=data_dir, now=now),
        ExpiredSlots(now=now),
        ExpiredHolds(now=now),
        *list_prunable_objects(now),
        *(each for app in apps.get_app_configs() if isinstance(app, HasPrunable) for each in app.list_prunable(before)),
    )


class PruneInput(ToolInput):
    days: int = Field(default=30, ge=1, le=36_500, description="keep events of runs that ended within this many days")
    confirmed: bool = Field(default=False, description="remove the data; otherwise only report what would be removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    removed: bool
    garbage: tuple[Garbage, ...]


def list_required_words(arguments: PruneInput) -> tuple[str, ...]:
    return ("confirmed", str(arguments.days)) if arguments.confirmed else ()


def run(arguments: PruneInput, tool_context: OperatorToolContext) -> PruneResult:
    prunables = list_prunables(tool_context.data_dir, arguments.days, datetime.now(UTC))
    garbage = tuple(each.remove() if arguments.confirmed else each.find() for each in prunables)
    return PruneResult(removed=arguments.confirmed, garbage=garbage)


TOOL: OperatorTool[PruneInput] = OperatorTool(
    name="prune",
    title=text("Remove old data"),
    description="Reports data that is no longer needed (old events, expired uploads, orphaned files), and removes it "
    "if confirmed.",
    input=PruneInput,
    run=run,
    permission="operating.prune",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES}),
    list_required_words=list_required_words,
    seconds=120,
)
