"""The tool that says in which groups of a log the levers would save most."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, DataKind, Reuse, SideEffects, Tool, ToolContext, ToolInput
from workloads.levers.group_savings import GroupSavings


class GroupSavingsInput(ToolInput):
    dimension: str


async def run(asked: GroupSavingsInput, tool_context: ToolContext) -> GroupSavings:
    return await tool_context.session.ask(lambda analysis: analysis.group_savings(asked.dimension))


TOOL = Tool(
    name="measure_group_savings",
    title=text("Find savings by group"),
    description=(
        "Returns what the levers would save in each feature, team, customer, user or model: the confirmed savings of "
        "all levers, counted once, and the best one that is still to be confirmed."
    ),
    input=GroupSavingsInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=QUERY_KINDS | {DataKind.SENTENCES},
    seconds=150,
    result_bytes=32_000,
)
