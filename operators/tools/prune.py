"""What need not be kept any longer: told, and removed only where the operator says so."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field

from netra.core.waste import Waste
from netra.language.text import text
from netra.operating.base import OperatorTool, Reach
from netra.operating.prunable import prunable
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind


class Wanted(ToolInput):
    days: int = Field(default=30, ge=1, le=36_500, description="keep events of runs that ended since")
    confirmed: bool = Field(default=False, description="remove it; otherwise it is only told what would go")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    removed: bool
    waste: tuple[Waste, ...]


def named(wanted: Wanted) -> tuple[str, ...]:
    return ("confirmed", str(wanted.days)) if wanted.confirmed else ()


def run(wanted: Wanted, reach: Reach) -> Pruned:
    kinds = prunable(reach.data_dir, wanted.days, datetime.now(UTC))
    waste = tuple(each.remove() if wanted.confirmed else each.found() for each in kinds)
    return Pruned(removed=wanted.confirmed, waste=waste)


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="prune",
    title=text("Prune"),
    description="Tells what need not be kept any longer (old events, past uploads, orphaned files); removes it where "
    "confirmed.",
    input=Wanted,
    run=run,
    permission="operating.prune",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS}),
    named=named,
    seconds=120,
)
