"""How often prompts begin as earlier ones did."""

from netra.language.text import text
from tools.base import Category, NoInput, SideEffects, Tool, ToolContext
from tools.kinds import Kind
from workloads.analysis import Analysis
from workloads.replay import PrefixCache


async def run(_: NoInput, reach: ToolContext) -> PrefixCache:
    return await reach.session.ask(Analysis.prefix_cache)


TOOL = Tool(
    name="measure_prefix_cache",
    title=text("Replay the prefix cache"),
    description="Prefix-cache hit rates of the log by tokens and by blocks for several lifetimes; null without hashes.",
    input=NoInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES}),
    seconds=150,
)
