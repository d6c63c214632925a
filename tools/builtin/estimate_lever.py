"""What one lever would save on this log."""

from netra.core.exceptions import BadInput
from netra.language.text import text
from tools.base import Category, SideEffects, Tool, ToolContext, ToolInput
from tools.kinds import Kind
from workloads.estimate import Estimate
from workloads.levers.catalog import LEVERS


class LeverName(ToolInput):
    name: str


async def run(wanted: LeverName, reach: ToolContext) -> Estimate:
    if wanted.name not in LEVERS:
        named, there = repr(wanted.name), ", ".join(LEVERS)
        raise BadInput(text("There is no lever {named}. There are: {there}.", named=named, there=there))
    return await reach.session.ask(lambda analysis: analysis.estimate(wanted.name))


TOOL = Tool(
    name="estimate_lever",
    title=text("Estimate a lever"),
    description="The saving of one lever (see list_levers) on the user's log, with basis, assumptions and evidence.",
    input=LeverName,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.MODEL_NAMES, Kind.FEATURE_NAMES, Kind.ERROR_TEXTS}),
    seconds=150,
)
