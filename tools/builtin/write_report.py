"""The tool that composes the costed report, only from figures that this run computed and from nothing a model said."""

from core.i18n.text import text
from tools.base import DISCLOSED_KINDS, Category, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.report.report import Report


async def run(_: NoInput, tool_context: ToolContext) -> Report:
    facts = tool_context.facts
    return await tool_context.session.ask(
        lambda analysis: analysis.report(
            ask=facts.ask,
            levers=facts.levers,
            goal_percent=facts.goal_percent,
            guard=facts.guard,
            missing=facts.missing,
            because=facts.because,
        )
    )


TOOL = Tool(
    name="write_report",
    title=text("Write the report"),
    description="Writes the costed report for the user from the figures of this run.",
    input=NoInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.QUESTION,
    result_kinds=DISCLOSED_KINDS,
    result_bytes=4_000,  # the user gets all of it anyway, and a language model needs no more
)
