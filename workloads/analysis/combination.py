"""Levers combined: a waterfall of those that count in the headline, the gap to the goal, candidates that could
close it, and the plan of steps in the order of their saving per effort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.analysis.estimate import Basis, Bound, Estimate, PlanStep
from workloads.analysis.granularity import explain_missing_latency
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import LeverEffect, apply_effects, compute_latency_after
from workloads.levers.base import Lever, Speed

GUARDS: Mapping[str, float] = MappingProxyType({"p50": 0.5, "p95": 0.95, "p99": 0.99})
"""The latency metrics that can be guarded, as quantiles."""


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
    """A lever outside the headline: the saving that it would add to the waterfall if confirmed. `closes`: whether it
    alone would close the gap."""

    lever: str
    title: Text
    adds: Decimal
    basis: Basis
    bound: Bound
    closes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The effect of the waterfall on latency in ms at `metric`, a key of GUARDS, over all interactive requests.

    `after_ms` is the latency of the requests that stay interactive. `verdict`: "kept" (no slowdown), "unverified" or
    "unknown". `speeds`: each lever's effect on latency.
    """

    metric: str
    before_ms: float | None
    after_ms: float | None
    verdict: str
    note: Text
    speeds: Mapping[str, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """The levers' combined savings. `total` is the waterfall's, never the sum of single savings. `gap`: USD short of
    the goal; it and `goal_met` are None without a goal or if nothing has a price."""

    spend: Decimal
    waterfall: tuple[WaterfallStep, ...]
    total: Decimal
    share: float
    goal_percent: float | None
    goal_met: bool | None
    gap: Decimal | None
    candidates: tuple[Candidate, ...]
    guard: Guard | None


def combine(log: PricedLog, levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> Combination:
    """Combine `estimates` in the order of `levers`: those of the headline that save something in the waterfall,
    the others as candidates. Goal and guard are not set: see `apply_goal` and `evaluate_guard`."""
    promised = _list_headline_levers(levers, estimates)
    possible = [estimate for estimate in _list_saving_estimates(levers, estimates) if not estimate.headline]
    costs = apply_effects(
        log, _build_effects(log, promised), _build_effects(log, [levers[estimate.name] for estimate in possible])
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
        candidates=tuple(_to_candidate(estimate, adds) for estimate, adds in zip(possible, costs.adds, strict=True)),
        guard=None,
    )


def apply_goal(combination: Combination, goal_percent: float | None) -> Combination:
    """Return the combination with a goal: whether it is met, the gap, and which candidates would close it.

    Raises BadInput for a goal that is not a percentage.
    """
    if goal_percent is not None and not 0 < goal_percent <= 100:
        raise BadInput(
            text(
                "{percent} % is not a valid savings target. Enter a percentage above 0, at most 100.",
                percent=goal_percent,
            )
        )
    if goal_percent is None or not combination.spend:
        return replace(combination, goal_percent=goal_percent)
    gap = max(combination.spend * Decimal(str(goal_percent)) / 100 - combination.total, Decimal(0))
    return replace(
        combination,
        goal_percent=goal_percent,
        goal_met=not gap,
        gap=gap,
        candidates=tuple(
            replace(candidate, closes=bool(gap) and candidate.adds >= gap) for candidate in combination.candidates
        ),
    )


def evaluate_guard(log: PricedLog, levers: Mapping[str, Lever], estimates: Sequence[Estimate], metric: str) -> Guard:
    """Compute the effect of these estimates' waterfall on latency at `metric`, a key of GUARDS."""
    promised = _list_headline_levers(levers, estimates)
    missing = explain_missing_latency(log)
    before, after = (
        (None, None) if missing else compute_latency_after(log, _build_effects(log, promised), GUARDS[metric])
    )
    return Guard(
        metric=metric,
        before_ms=before,
        after_ms=after,
        verdict=_evaluate_verdict(promised, before, after),
        note=missing or _describe_latency_change(metric, before, after),
        speeds={lever.name: lever.speed.value for lever in promised},
    )


def check_guard(guard: str | None) -> None:
    """Raise BadInput for a guard that is not in GUARDS."""
    if guard is not None and guard not in GUARDS:
        metrics, named = ", ".join(GUARDS), repr(guard)
        raise BadInput(text("Unknown latency metric {named}. Choose one of: {there}.", there=metrics, named=named))


def _list_saving_estimates(levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> list[Estimate]:
    order = list(levers)
    return sorted(
        (estimate for estimate in estimates if estimate.saving and estimate.saving > 0),
        key=lambda estimate: order.index(estimate.name),
    )


def _list_headline_levers(levers: Mapping[str, Lever], estimates: Sequence[Estimate]) -> list[Lever]:
    return [levers[estimate.name] for estimate in _list_saving_estimates(levers, estimates) if estimate.headline]


def _build_effects(log: PricedLog, levers: Sequence[Lever]) -> list[LeverEffect]:
    built = (lever.build_effect(log) for lever in levers)
    return [effect for effect in built if effect]


def _to_candidate(estimate: Estimate, adds: Decimal) -> Candidate:
    return Candidate(
        lever=estimate.name,
        title=estimate.title,
        adds=adds,
        basis=estimate.basis,
        bound=estimate.bound,
        closes=False,
    )


def _evaluate_verdict(levers: Sequence[Lever], before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "unknown"
    return "unverified" if any(lever.speed is Speed.UNVERIFIED for lever in levers) else "kept"


def _describe_latency_change(metric: str, before: float | None, after: float | None) -> Text:
    if before is None or after is None:
        return text("No interactive requests remain, so there is nothing to compare.")
    if after > before:
        return text(
            "The {metric} of the remaining requests is higher because fast ones leave; no request gets slower.",
            metric=metric,
        )
    if after < before:
        return text(
            "The {metric} of the remaining requests is lower because slow ones leave; no request is assumed to "
            "get faster.",
            metric=metric,
        )
    return text("Assumes latency is unchanged.")


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
    possible = {candidate.lever: candidate.adds for candidate in combination.candidates}
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
