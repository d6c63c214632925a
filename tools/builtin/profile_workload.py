"""Volume, tokens, percentiles and peaks of the log."""

from netra.language.text import text
from tools.base import Category, NoInput, SideEffects, Tool, ToolContext
from tools.kinds import Kind
from workloads.analysis import Analysis
from workloads.profile import Profile


async def run(_: NoInput, reach: ToolContext) -> Profile:
    return await reach.session.ask(Analysis.profile)


TOOL = Tool(
    name="profile_workload",
    title=text("Count requests and tokens"),
    description="Requests, time span, tokens by bucket, percentiles, peak to mean, error rate of the user's log.",
    input=NoInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.ERROR_TEXTS}),
)
