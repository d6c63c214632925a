"""The tool that measures a log: figures of groups of its requests."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import MeasureArguments
from workloads.query.result import QueryResult


class MeasureInput(MeasureArguments, LogInput):
    pass


async def run(asked: MeasureInput, tool_context: ToolContext) -> QueryResult:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure(asked))


TOOL = Tool(
    name="measure",
    title=text("Measure"),
    description=(
        "Returns figures of the log, such as spend by team and week. A query has measures, up to three dimensions in "
        "`by`, filters in `where`, a period and a time zone. describe_log says which names there are."
    ),
    input=MeasureInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
