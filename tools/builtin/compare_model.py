"""The tool that says what the user's log would cost if another model answered."""

from pydantic import Field

from core.i18n.text import text
from tools.base import Category, DataKind, Reuse, SideEffects, Tool, ToolContext, ToolInput
from workloads.levers.repricing.what_if import WhatIf
from workloads.pricing.own_prices import MAX_NAME_LENGTH


class CompareModelInput(ToolInput):
    model: str = Field(min_length=1, max_length=MAX_NAME_LENGTH)


async def run(target: CompareModelInput, tool_context: ToolContext) -> WhatIf:
    return await tool_context.session.ask(lambda analysis: analysis.compare_model(target.model))


TOOL = Tool(
    name="compare_model",
    title=text("Compare with another model"),
    description="Computes what this log would cost if one model of the price list answered all requests that it can.",
    input=CompareModelInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.MODEL_NAMES}),
    seconds=150,
)
