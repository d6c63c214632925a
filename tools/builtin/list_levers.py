"""The tool that lists the levers that can be estimated."""

from collections.abc import Mapping

from core.i18n.text import Text, text
from tools.base import Category, DataKind, NoInput, SideEffects, Tool, ToolContext
from workloads.levers.registry import LEVERS


async def run(_: NoInput, tool_context: ToolContext) -> Mapping[str, Text]:
    return {name: lever.title for name, lever in LEVERS.items()}


TOOL = Tool(
    name="list_levers",
    title=text("List levers"),
    description="Lists the names and titles of all levers that estimate_lever can estimate.",
    input=NoInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.SENTENCES}),
)
