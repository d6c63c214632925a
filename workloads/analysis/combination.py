"""Levers combined: the waterfall of the headline's, the gap to the goal, candidates for it, and the plan of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.analysis.estimate import Basis, Bound, Estimate, PlanStep
from workloads.analysis.granularity import explain_missing_latency
from workloads.analysis.guard import GUARDS, Guard, LatencyChange, evaluate_guard, hold_against
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import apply_levers
from workloads.levers.base import Lever
from workloads.levers.waterfall_entries import WaterfallEntry, list_entries
from workloads.pricing.constraints import LatencyLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallStep:
    """One step of the waterfall, USD: the lever's saving given all levers before it."""

    lever: str
    title: Text
    before: Decimal
    saving: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lever outside the headline: the saving that the total would gain if it were confirmed and took its place in the
    waterfall. `closes`: whether it alone would close the gap.

    `scope` and `finding` are those of the question that a yes would confirm; "" and None if it has no question.
    """

    lever: str
    title: Text
    adds: Decimal
    basis: Basis
    bound: Bound
    closes: bool
    scope: str = ""
    finding: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """The levers' combined savings. `total` is the waterfall's, never the sum of single savings. `gap`: USD short of
    the goal; it and `goal_met` are None without a goal or if nothing has a price. `latencies`: one for each of GUARDS,
    empty if latency is unknown; `latency_unknown` is then the reason."""

    spend: Decimal
    waterfall: tuple[WaterfallStep, ...]
    total: Decimal
    share: float
    goal_percent: float | None
    goal_met: bool | None
    gap: Decimal | None
    candidates: tuple[Candidate, ...]
    latencies: tuple[LatencyChange, ...]
    latency_unknown: Text | None
    guard: Guard | None
    goal_usd: Decimal | None = None


def combine(log: PricedLog, levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> Combination:
    """Combine `estimates` in the order of `levers`: those of the headline that save something in the waterfall,
    the others as candidates. Goal and guard are not set: see `apply_goal` and `apply_guard`."""
    entries = list_entries(levers, estimates)
    promised = [levers[entry.estimate.name] for entry in entries if entry.is_promised]
    possible = [entry for entry in entries if not entry.is_promised]
    missing = explain_missing_latency(log)
    costs = apply_levers(
        log,
        [entry.to_lever(log) for entry in entries],
        quantiles=() if missing else tuple(GUARDS.values()),
    )
    spends = costs.spends
    total = spends[0] - spends[-1]
    return Combination(
        spend=spends[0],
        waterfall=tuple(
            WaterfallStep(lever=lever.name, title=lever.title, before=before, saving=before - after, after=after)
            for lever, (before, after) in zip(promised, pairwise(spends), strict=True)
        ),
        total=total,
        share=float(total / spends[0]) if spends[0] else 0.0,
        goal_percent=None,
        goal_met=None,
        gap=None,
        candidates=tuple(_to_candidate(entry, adds) for entry, adds in zip(possible, costs.adds, strict=True)),
        latencies=tuple(
            LatencyChange(metric=metric, before_ms=found.before_ms, after_ms=found.after_ms)
            for metric, found in zip(GUARDS, costs.latencies, strict=False)
        ),
        latency_unknown=missing,
        guard=None,
    )


def apply_goal(combination: Combination, goal_percent: float | None, *, goal_usd: Decimal | None = None) -> Combination:
    """Return the combination with a goal: whether it is met, the gap, and which candidates would close it. A goal in
    money goes before one in per cent.

    Raises BadInput for a goal that is not a percentage.
    """
    if goal_percent is not None and not 0 < goal_percent <= 100:
        raise BadInput(
            text(
                "{percent} % is not a valid savings target. Enter a percentage above 0, at most 100.",
                percent=goal_percent,
            )
        )
    if (goal_percent is None and goal_usd is None) or not combination.spend:
        return replace(combination, goal_percent=goal_percent, goal_usd=goal_usd)
    percent = Decimal(str(goal_percent or 0))
    wanted = combination.spend * percent / 100 if goal_usd is None else goal_usd
    gap = max(wanted - combination.total, Decimal(0))
    return replace(
        combination,
        goal_usd=goal_usd,
        goal_percent=goal_percent,
        goal_met=not gap,
        gap=gap,
        candidates=tuple(
            replace(candidate, closes=bool(gap) and candidate.adds >= gap) for candidate in combination.candidates
        ),
    )


def apply_guard(
    combination: Combination, levers: Mapping[str, Lever], metric: str, limit: LatencyLimit | None = None
) -> Combination:
    """Return the combination with a guard: the effect of its waterfall on latency at `metric`, a key of GUARDS, held
    against the limit, if there is one."""
    promised = [levers[step.lever] for step in combination.waterfall]
    guard = evaluate_guard(combination.latencies, combination.latency_unknown, promised, metric)
    if limit is not None and limit.metric == metric:
        guard = hold_against(guard, limit.ms)
    return replace(combination, guard=guard)


def _to_candidate(entry: WaterfallEntry, adds: Decimal) -> Candidate:
    return Candidate(
        lever=entry.estimate.name,
        title=entry.estimate.title,
        adds=adds,
        basis=entry.estimate.basis,
        bound=entry.estimate.bound,
        closes=False,
        scope=entry.question.scope if entry.question else "",
        finding=entry.question.finding if entry.question else None,
    )


EFFORT_WEIGHTS: Mapping[str, int] = MappingProxyType({"low": 1, "medium": 2, "high": 4})
"""Weights of the word that the effort of a PlanStep begins with; anything else counts as high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A step and its lever. `saving`, in USD, is part of the waterfall if `promised`, else subject to confirmation."""

    step: Text
    effort: Text
    risk: Text
    undo: Text
    lever: str
    saving: Decimal
    promised: bool


def build_plan(estimates: Sequence[Estimate], combination: Combination) -> tuple[PlanItem, ...]:
    """Return the steps of levers that save something: first the promised ones, then the unconfirmed ones,
    each ordered by saving per effort."""
    promised = {drop.lever: drop.saving for drop in combination.waterfall}
    possible: dict[str, Decimal] = {}
    for candidate in combination.candidates:
        possible[candidate.lever] = max(candidate.adds, possible.get(candidate.lever, Decimal(0)))
    items = [
        _to_plan_item(estimate.name, step, (promised | possible)[estimate.name], promised=estimate.name in promised)
        for estimate in estimates
        if estimate.name in promised or estimate.name in possible
        for step in estimate.steps
    ]
    useful = (item for item in items if item.saving > 0)
    return tuple(sorted(useful, key=lambda item: (not item.promised, -item.saving / _get_effort_weight(item.effort))))


def _to_plan_item(lever: str, step: PlanStep, saving: Decimal, *, promised: bool) -> PlanItem:
    return PlanItem(
        step=step.step,
        effort=step.effort,
        risk=step.risk,
        undo=step.undo,
        lever=lever,
        saving=saving,
        promised=promised,
    )


def _get_effort_weight(effort: str) -> int:
    return EFFORT_WEIGHTS.get(effort.split(" ", 1)[0], EFFORT_WEIGHTS["high"])
