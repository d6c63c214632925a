"""What to do first: the levers' steps, those that save most for their effort at the top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from netra.language.text import Text
from workloads.combine import Combination
from workloads.estimate import Estimate, PlanStep

EFFORT: Mapping[str, int] = MappingProxyType({"low": 1, "medium": 2, "high": 4})
"""Weights of the efforts that an Estimate's steps begin with; anything else counts as high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A step with the lever it belongs to. `saving` in USD: in the waterfall if `promised`, else what it might add."""

    step: Text
    effort: Text
    risk: Text
    undo: Text
    lever: str
    saving: Decimal
    promised: bool


def plan(estimates: Sequence[Estimate], combination: Combination) -> tuple[PlanItem, ...]:
    """The steps of levers that save something: first what is promised, then what needs confirming; each part by
    saving per effort."""
    promised = {drop.lever: drop.saving for drop in combination.waterfall}
    possible = {candidate.lever: candidate.adds for candidate in combination.candidates}
    items = [
        _item(one.name, step, (promised | possible)[one.name], promised=one.name in promised)
        for one in estimates
        if one.name in promised or one.name in possible
        for step in one.steps
    ]
    useful = (item for item in items if item.saving > 0)
    return tuple(sorted(useful, key=lambda item: (not item.promised, -item.saving / _weight(item.effort))))


def _item(lever: str, step: PlanStep, saving: Decimal, *, promised: bool) -> PlanItem:
    return PlanItem(
        step=step.step,
        effort=step.effort,
        risk=step.risk,
        undo=step.undo,
        lever=lever,
        saving=saving,
        promised=promised,
    )


def _weight(effort: str) -> int:
    return EFFORT.get(effort.split(" ", 1)[0], EFFORT["high"])
