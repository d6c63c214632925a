"""What the log cost, in all and by part."""

from netra.language.text import text
from tools.base import Category, NoInput, SideEffects, Tool, ToolContext
from tools.kinds import Kind
from workloads.analysis import Analysis
from workloads.spend import Spend


async def run(_: NoInput, reach: ToolContext) -> Spend:
    return await reach.session.ask(Analysis.spend)


TOOL = Tool(
    name="price_workload",
    title=text("Work out the spend"),
    description="Spend in USD in the request's prices: total, by token bucket, by model, by feature, over time.",
    input=NoInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.MODEL_NAMES, Kind.FEATURE_NAMES}),
)
