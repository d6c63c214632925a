"""The tool that compares two results: of two periods, two filters or two logs."""

from uuid import UUID

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import ChangeArguments, MeasureArguments
from workloads.query.comparisons import Comparison, compare_results


class CompareInput(ChangeArguments, LogInput):
    other_log: UUID | None = None


async def run(asked: CompareInput, tool_context: ToolContext) -> Comparison:
    before, after = MeasureArguments(query=asked.before), MeasureArguments(query=asked.after)
    if asked.other_log is None:
        return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.compare(before, after))
    first = await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure(before))
    second = await tool_context.session.ask_about(asked.other_log, lambda analysis: analysis.measure(after))
    return compare_results(first, second)


TOOL = Tool(
    name="compare",
    title=text("Compare"),
    description=(
        "Compares the figures of two queries with the same measures and dimensions: two periods or two filters. With "
        "`other_log`, `after` is asked of another log of the user."
    ),
    input=CompareInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
