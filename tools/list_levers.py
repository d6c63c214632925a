"""The ways to save that can be estimated."""

from collections.abc import Mapping

from tools.base import Category, NoInput, SideEffects, Tool, ToolContext
from workloads.levers.catalog import LEVERS


async def run(_: NoInput, reach: ToolContext) -> Mapping[str, str]:
    return {name: lever.title for name, lever in LEVERS.items()}


TOOL = Tool(
    name="list_levers",
    title="List the levers",
    description="The names and titles of all levers that estimate_lever can estimate.",
    input=NoInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
)
