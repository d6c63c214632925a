"""The tool that says what requests would have cost under a supposition."""

from core.i18n.text import text
from tools.base import QUERY_KINDS, Category, LogInput, SideEffects, Tool, ToolContext
from workloads.query.arguments import WhatIfArguments
from workloads.query.what_if import WhatIfResult


class WhatIfInput(WhatIfArguments, LogInput):
    pass


async def run(asked: WhatIfInput, tool_context: ToolContext) -> WhatIfResult:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.what_if(asked))


TOOL = Tool(
    name="what_if",
    title=text("Compute a what-if"),
    description=(
        "Returns what the requests of a query would have cost with another model, in a batch, with more traffic, other "
        "prices, shorter outputs or no cache. `factor` multiplies traffic, prices or the length of outputs."
    ),
    input=WhatIfInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=QUERY_KINDS,
    seconds=90,
    result_bytes=32_000,
)
