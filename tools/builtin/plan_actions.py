"""What to do, in which order, and how to undo it."""

from netra.language.text import text
from tools.base import Category, NoInput, SideEffects, Tool, ToolContext
from tools.kinds import Kind
from workloads.analysis import Analysis
from workloads.plan import PlanItem, plan


async def run(_: NoInput, reach: ToolContext) -> tuple[PlanItem, ...]:
    facts = reach.facts

    def question(analysis: Analysis) -> tuple[PlanItem, ...]:
        estimates = [analysis.estimate(name) for name in facts.levers]
        return plan(estimates, analysis.combine(facts.levers, goal_percent=facts.goal_percent, guard=facts.guard))

    return await reach.session.ask(question)


TOOL = Tool(
    name="plan_actions",
    title=text("Plan the steps"),
    description="The action plan for the levers that were found to save: steps with effort, risk and undo.",
    input=NoInput,
    run=run,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.MODEL_NAMES, Kind.FEATURE_NAMES, Kind.ERROR_TEXTS}),
)
