"""The tool that estimates what several levers save together, applied one after the other."""

from core.exceptions import BadInput
from core.i18n.text import text
from tools.base import Category, DataKind, SideEffects, Tool, ToolContext, ToolInput
from workloads.analysis.combination import Combination
from workloads.levers.registry import LEVERS


class CombineLeversInput(ToolInput):
    names: tuple[str, ...]


async def run(levers: CombineLeversInput, tool_context: ToolContext) -> Combination:
    unknown = [name for name in levers.names if name not in LEVERS]
    if unknown:
        quoted, available = ", ".join(map(repr, unknown)), ", ".join(LEVERS)
        raise BadInput(
            text("Unknown levers: {names}. Available levers: {available}.", names=quoted, available=available)
        )
    facts = tool_context.facts
    names = tuple(dict.fromkeys(levers.names))
    return await tool_context.session.ask(
        lambda analysis: analysis.combine(names, goal_percent=facts.goal_percent, guard=facts.guard)
    )


TOOL = Tool(
    name="combine_levers",
    title=text("Combine levers"),
    description="Estimates what levers save together, with overlaps counted once: waterfall, total, goal met or not.",
    input=CombineLeversInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset(
        {DataKind.FIGURES, DataKind.SENTENCES, DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.ERROR_TEXTS}
    ),
)
