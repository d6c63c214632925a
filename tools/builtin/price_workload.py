"""The tool that prices the log: the total and its parts."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.analysis.spend import LogSpend


async def run(_: NoInput, tool_context: ToolContext) -> LogSpend:
    return await tool_context.session.ask(Analysis.spend)


TOOL = Tool(
    name="price_workload",
    title=text("Calculate spend"),
    description="Calculates the spend in USD: total, by token bucket, by model, by feature, and over time.",
    input=NoInput,
    run=run,
    question=lambda _, facts: Analysis.spend,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.PLACE_NAMES}),
)
