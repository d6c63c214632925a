"""The definition of a savings lever. A new one is a module here and a line in registry.LEVERS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from core.i18n.text import Text, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import LeverEffect, build_effect, compute_saving


class Speed(Enum):
    """What a lever does to the latency of interactive requests, as far as a usage log can tell."""

    SAME = text("no request gets slower")
    FASTER = text("time to first token falls; by how much is unverified")
    OFFLINE = text("what it changes leaves the interactive path and may take hours")
    UNVERIFIED = text("unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """`estimate` says what it saves alone. `effect` is a SELECT of changed requests (waterfall.EFFECT_COLUMNS), None
    where the log cannot give one; it must read only `log`, `priced` and what it builds in the ledger."""

    name: str
    title: Text
    speed: Speed
    estimate: Callable[[PricedLog], Estimate]
    effect: Callable[[PricedLog], str | None]
    per_request: bool = True  # False: what it saves is a share of the spend, whatever a row is

    def build_effect(self, ledger: PricedLog) -> LeverEffect | None:
        select = self.effect(ledger)
        return build_effect(ledger, self.name, select) if select else None

    def compute_saving(self, ledger: PricedLog) -> Decimal:
        """USD saved alone; zero without an effect."""
        effect = self.build_effect(ledger)
        return compute_saving(ledger, effect) if effect else Decimal(0)


COST_FORMULA = text("cost = tokens × price, for fresh input, cache reads, cache writes and output")
"""What formulas mean by cost, after each that speaks of it; a request without a price has none."""


def build_unknown_estimate(
    name: str, title: Text, *unknowns: Unknown, formula: Text, steps: tuple[PlanStep, ...] = ()
) -> Estimate:
    """The estimate of a lever that the log's columns cannot support; `formula` is what would be computed."""
    return Estimate(
        name=name,
        title=title,
        saving=None,
        basis=Basis.UNKNOWN,
        bound=Bound.ESTIMATE,
        headline=False,
        formula=formula,
        assumptions=(),
        evidence=(),
        unknowns=unknowns,
        steps=steps,
    )


def clear_saving(estimate: Estimate, why: Text) -> Estimate:
    """The same estimate where it comes to nothing: why, and no steps to take."""
    return replace(estimate, evidence=(Evidence(label=text("nothing to save"), value=why),), steps=(), details=())


def estimate_saving(lever: Lever, ledger: PricedLog) -> Estimate:
    """What the lever saves. Unknown, and not zero, where nothing in the log has a price, or where rows are sums of
    requests and what it saves rests on single ones."""
    found = lever.estimate(ledger)
    if found.saving is None:
        return found
    if not ledger.prices.models:
        column = "" if ledger.has_columns("model") else "model"
        return _to_unknown(found, Unknown(what=text("what a saving is in money, without any price"), column=column))
    why = explain_aggregation(ledger) if lever.per_request else None
    if why is not None:
        what = text("savings that depend on individual requests: the rows are sums ({why})", why=why)
        return _to_unknown(found, Unknown(what=what, column="request_id"))
    return found


def _to_unknown(found: Estimate, lack: Unknown) -> Estimate:
    return replace(
        found,
        saving=None,
        basis=Basis.UNKNOWN,
        bound=Bound.ESTIMATE,
        headline=False,
        evidence=(),
        unknowns=(*found.unknowns, lack),
        steps=(),
        details=(),
    )
