"""The tools of levers: list them, estimate one, combine several, and plan their steps."""

from collections.abc import Callable, Mapping, Sequence

from core.exceptions import BadInput
from core.i18n.text import Text, text
from tools.base import Category, DataKind, NoInput, Reuse, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from workloads.analysis.analysis import Analysis
from workloads.analysis.combination import Combination, PlanItem, build_plan
from workloads.analysis.estimate import Estimate
from workloads.levers.registry import LEVERS

ESTIMATE_KINDS = frozenset(
    {DataKind.FIGURES, DataKind.SENTENCES, DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.ERROR_TEXTS}
)
"""What the evidence and the steps of an estimate may hold."""


def _require_known(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in LEVERS]
    if unknown:
        quoted, available = ", ".join(map(repr, unknown)), ", ".join(LEVERS)
        raise BadInput(
            text("Unknown levers: {names}. Available levers: {available}.", names=quoted, available=available)
        )


async def _list_levers(_: NoInput, tool_context: ToolContext) -> Mapping[str, Text]:
    return {name: lever.title for name, lever in LEVERS.items()}


LIST_LEVERS = Tool(
    name="list_levers",
    title=text("List levers"),
    description="Lists the names and titles of all levers that estimate_lever can estimate.",
    input=NoInput,
    run=_list_levers,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.SENTENCES}),
)


class EstimateLeverInput(ToolInput):
    name: str


async def _estimate_lever(lever: EstimateLeverInput, tool_context: ToolContext) -> Estimate:
    return await tool_context.session.ask(_ask_for_estimate(lever, tool_context.facts))


def _ask_for_estimate(lever: EstimateLeverInput, facts: RunFacts) -> Callable[[Analysis], Estimate]:
    _require_known((lever.name,))
    return lambda analysis: analysis.estimate(lever.name)


ESTIMATE_LEVER = Tool(
    name="estimate_lever",
    title=text("Estimate savings"),
    description="Estimates what one lever (see list_levers) saves on this log, with basis, assumptions and evidence.",
    input=EstimateLeverInput,
    run=_estimate_lever,
    question=_ask_for_estimate,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=ESTIMATE_KINDS,
    seconds=150,
)


class CombineLeversInput(ToolInput):
    names: tuple[str, ...]


async def _combine_levers(levers: CombineLeversInput, tool_context: ToolContext) -> Combination:
    return await tool_context.session.ask(_ask_for_combination(levers, tool_context.facts))


def _ask_for_combination(levers: CombineLeversInput, facts: RunFacts) -> Callable[[Analysis], Combination]:
    _require_known(levers.names)
    names = tuple(dict.fromkeys(levers.names))
    return lambda analysis: analysis.combine(names, goal_percent=facts.goal_percent, guard=facts.guard)


COMBINE_LEVERS = Tool(
    name="combine_levers",
    title=text("Combine levers"),
    description="Estimates what levers save together, with overlaps counted once: waterfall, total, goal met or not.",
    input=CombineLeversInput,
    run=_combine_levers,
    question=_ask_for_combination,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.FACTS,
    result_kinds=ESTIMATE_KINDS,
)


async def _plan_actions(_: NoInput, tool_context: ToolContext) -> tuple[PlanItem, ...]:
    facts = tool_context.facts

    def build(analysis: Analysis) -> tuple[PlanItem, ...]:
        estimates = [analysis.estimate(name) for name in facts.levers]
        return build_plan(estimates, analysis.combine(facts.levers, goal_percent=facts.goal_percent, guard=facts.guard))

    return await tool_context.session.ask(build)


PLAN_ACTIONS = Tool(
    name="plan_actions",
    title=text("Plan the steps"),
    description="Plans the steps for the levers that save something, each with effort, risk and how to undo it.",
    input=NoInput,
    run=_plan_actions,
    category=Category.ADVANCED,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.FACTS,
    result_kinds=ESTIMATE_KINDS,
)
