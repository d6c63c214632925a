"""What one lever would save on this log."""

from netra.core.exceptions import BadInput
from tools.base import Category, SideEffects, Tool, ToolContext, ToolInput
from workloads.estimate import Estimate
from workloads.levers.catalog import LEVERS


class LeverName(ToolInput):
    name: str


async def run(wanted: LeverName, reach: ToolContext) -> Estimate:
    if wanted.name not in LEVERS:
        raise BadInput(f"There is no lever {wanted.name!r}. There are: {', '.join(LEVERS)}.")
    return await reach.session.ask(lambda analysis: analysis.estimate(wanted.name))


TOOL = Tool(
    name="estimate_lever",
    title="Estimate a lever",
    description="The saving of one lever (see list_levers) on the user's log, with basis, assumptions and evidence.",
    input=LeverName,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    seconds=150,
)
