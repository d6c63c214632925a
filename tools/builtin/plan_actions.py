"""The tool that plans the steps: order, effort, risk and how to undo each."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.analysis.combination import PlanItem, build_plan


async def run(_: NoInput, tool_context: ToolContext) -> tuple[PlanItem, ...]:
    facts = tool_context.facts

    def build(analysis: Analysis) -> tuple[PlanItem, ...]:
        estimates = [analysis.estimate(name) for name in facts.levers]
        return build_plan(estimates, analysis.combine(facts.levers, goal_percent=facts.goal_percent, guard=facts.guard))

    return await tool_context.session.ask(build)


TOOL = Tool(
    name="plan_actions",
    title=text("Plan the steps"),
    description="Plans the steps for the levers that save something, each with effort, risk and how to undo it.",
    input=NoInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset(
        {DataKind.FIGURES, DataKind.SENTENCES, DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.ERROR_TEXTS}
    ),
)
