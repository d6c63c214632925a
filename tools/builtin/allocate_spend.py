"""The tool that divides the spend by each dimension of the log: teams, users, keys and further columns."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.allocation import Allocation
from workloads.analysis.analysis import Analysis


async def run(_: NoInput, tool_context: ToolContext) -> Allocation:
    return await tool_context.session.ask(Analysis.allocation)


TOOL = Tool(
    name="allocate_spend",
    title=text("Allocate spend"),
    description="Divides the spend by team, feature, user and every other dimension, and says which share has none.",
    input=NoInput,
    run=run,
    question=lambda _, facts: Analysis.allocation,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    # The parts of private dimensions, such as users, are left out of what a remote model gets (tools/disclosure.py).
    result_kinds=frozenset(
        {
            *(DataKind.FIGURES, DataKind.COLUMN_NAMES),
            *(DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.PLACE_NAMES),
        }
    ),
)
