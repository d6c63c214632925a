"""The tool that explains why spend changed."""

import asyncio
from uuid import UUID

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import ChangeArguments, MeasureArguments
from workloads.query.change.sides import Change, compare_logs


class ExplainInput(ChangeArguments, LogInput):
    other_log: UUID | None = None


async def run(asked: ExplainInput, tool_context: ToolContext) -> Change:
    if asked.other_log is None:
        return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.explain_change(asked))
    before, after = MeasureArguments(query=asked.before), MeasureArguments(query=asked.after)
    first = await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure_change_side(before))
    second = await tool_context.session.ask_about(asked.other_log, lambda analysis: analysis.measure_change_side(after))
    return await asyncio.to_thread(compare_logs, first, second)


TOOL = Tool(
    name="explain_change",
    title=text("Explain a change"),
    description=(
        "Splits the difference in spend between the requests of two queries into volume, mix, prices, tokens per "
        "request, cached share and errors, which add up, and names what changed most. With `other_log`, `after` is "
        "asked of another log of the user."
    ),
    input=ExplainInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
