"""The tool that profiles the log: volume, tokens, percentiles and peaks."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.analysis.profile import Profile


async def run(_: NoInput, tool_context: ToolContext) -> Profile:
    return await tool_context.session.ask(Analysis.profile)


TOOL = Tool(
    name="profile_workload",
    title=text("Count requests and tokens"),
    description="Profiles the log: requests, time span, tokens by bucket, percentiles, peak-to-mean ratio, error rate.",
    input=NoInput,
    run=run,
    question=lambda _, facts: Analysis.profile,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.ERROR_TEXTS}),
)
