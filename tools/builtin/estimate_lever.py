"""The tool that estimates what one lever would save on the user's log."""

from core.exceptions import BadInput
from core.i18n.text import text
from tools.base import Category, DataKind, SideEffects, Tool, ToolContext, ToolInput
from workloads.analysis.estimate import Estimate
from workloads.levers.registry import LEVERS


class EstimateLeverInput(ToolInput):
    name: str


async def run(lever: EstimateLeverInput, tool_context: ToolContext) -> Estimate:
    if lever.name not in LEVERS:
        available = ", ".join(LEVERS)
        raise BadInput(
            text("Unknown lever {name}. Available levers: {available}.", name=repr(lever.name), available=available)
        )
    return await tool_context.session.ask(lambda analysis: analysis.estimate(lever.name))


TOOL = Tool(
    name="estimate_lever",
    title=text("Estimate savings"),
    description="Estimates what one lever (see list_levers) saves on this log, with basis, assumptions and evidence.",
    input=EstimateLeverInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset(
        {DataKind.FIGURES, DataKind.SENTENCES, DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.ERROR_TEXTS}
    ),
    seconds=150,
)
