"""The tool that finds unusual days of a log."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.anomalies import Anomalies
from workloads.query.arguments import AnomaliesArguments


class AnomaliesInput(AnomaliesArguments, LogInput):
    pass


async def run(asked: AnomaliesInput, tool_context: ToolContext) -> Anomalies:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.find_anomalies(asked))


TOOL = Tool(
    name="find_anomalies",
    title=text("Find unusual days"),
    description=(
        "Returns the days on which the first measure of a query was far from usual, for all of its requests or for "
        "each value of a dimension."
    ),
    input=AnomaliesInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
