"""The tool that measures how often prompts share the prefix of earlier prompts."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.analysis.prefix_cache import PrefixCache


async def run(_: NoInput, tool_context: ToolContext) -> PrefixCache:
    return await tool_context.session.ask(Analysis.prefix_cache)


TOOL = Tool(
    name="measure_prefix_cache",
    title=text("Measure repeated prompt prefixes"),
    description="Measures prefix-cache hit rates by tokens and by blocks for several lifetimes; null without hashes.",
    input=NoInput,
    run=run,
    question=lambda _, facts: Analysis.prefix_cache,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.FIGURES}),
    seconds=150,
)
