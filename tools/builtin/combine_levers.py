"""What levers save together, one after the other."""

from netra.core.exceptions import BadInput
from netra.language.text import text
from tools.base import Category, SideEffects, Tool, ToolContext, ToolInput
from tools.kinds import Kind
from workloads.combine import Combination
from workloads.levers.catalog import LEVERS


class LeverNames(ToolInput):
    names: tuple[str, ...]


async def run(wanted: LeverNames, reach: ToolContext) -> Combination:
    unknown = [name for name in wanted.names if name not in LEVERS]
    if unknown:
        named, there = str(unknown), ", ".join(LEVERS)
        raise BadInput(text("There are no levers {named}. There are: {there}.", named=named, there=there))
    facts = reach.facts
    names = tuple(dict.fromkeys(wanted.names))
    return await reach.session.ask(
        lambda analysis: analysis.combine(names, goal_percent=facts.goal_percent, guard=facts.guard)
    )


TOOL = Tool(
    name="combine_levers",
    title=text("Combine the levers"),
    description="Applies levers one after the other, as they overlap: waterfall, total, whether the goal is met.",
    input=LeverNames,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.MODEL_NAMES, Kind.FEATURE_NAMES, Kind.ERROR_TEXTS}),
)
