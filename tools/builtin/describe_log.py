"""The tool that says what a log can be asked about: its dimensions, their values, its measures and its days."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.query.values import LogDescription


async def run(asked: LogInput, tool_context: ToolContext) -> LogDescription:
    return await tool_context.session.ask_about(asked.log, Analysis.describe_log)


TOOL = Tool(
    name="describe_log",
    title=text("Describe the log"),
    description="Returns the dimensions of the log with their values, its measures, and its first and last day.",
    input=LogInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
