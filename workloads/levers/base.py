"""The definition of a savings lever. A new one is a module here and a line in registry.LEVERS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from core.i18n.text import FormattedNumber, Text, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.log_state import INITIAL_STATE, LeverEffect, LogState, store_effect
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import compute_saving
from workloads.pricing.constraints import ExcludedChange


class Speed(Enum):
    """The effect of a lever on the latency of interactive requests."""

    SAME = text("no request gets slower")
    FASTER = text("shorter time to first token; by how much is unverified")
    OFFLINE = text("moved requests are no longer interactive and may take hours")
    UNVERIFIED = text("unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A way to save. `estimate` computes the saving of the lever alone. `effect` returns a SELECT of the requests of a
    state that the lever changes (log_state.EFFECT_COLUMNS), or None if the log lacks the columns for it.

    It may read `log`, `priced`, the state's relation and tables that it creates itself, and must leave out requests
    that are no longer made. A table that depends on the state is named by `state.name_table`.
    """

    name: str
    title: Text
    speed: Speed
    estimate: Callable[[PricedLog], Estimate]
    effect: Callable[[PricedLog, LogState], str | None]
    question_effect: Callable[[PricedLog, LogState, str], str | None] | None = None
    """Returns the requests that change if the open question with this scope is answered with yes."""
    change: ExcludedChange | None = None
    """The kind of change by which a question can exclude it."""
    per_request: bool = True  # False: the saving is a share of the spend, even if rows are sums of requests

    def build_effect(self, log: PricedLog, state: LogState = INITIAL_STATE) -> LeverEffect | None:
        select = self.effect(log, state)
        return store_effect(log, state, self.name, select) if select else None

    def build_question_effect(self, log: PricedLog, number: int, scope: str, state: LogState) -> LeverEffect | None:
        """Return the effect of a yes to the question with this scope; `number` distinguishes those of one lever."""
        select = self.question_effect(log, state, scope) if self.question_effect else None
        return store_effect(log, state, f"{self.name}_{number}", select) if select else None

    def compute_saving(self, log: PricedLog) -> Decimal:
        """Return the saving of this lever alone in USD; zero without an effect."""
        effect = self.build_effect(log)
        return compute_saving(log, effect) if effect else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverInfo:
    """The name and title of a lever, for lists."""

    name: str
    title: Text


COST_FORMULA = text("cost = tokens × price, for fresh input, cache reads, cache writes and output")
"""Explains "cost" in formulas. Requests without a price have no cost."""


def format_cost(usd: Decimal) -> FormattedNumber:
    """Return an amount as the page writes it: in cents, below ten cents with two significant digits."""
    small = 0 < abs(usd) < Decimal("0.1")
    return FormattedNumber(f"${usd:,.{1 - usd.adjusted() if small else 2}f}")


def build_unknown_estimate(
    name: str, title: Text, *unknowns: Unknown, formula: Text, steps: tuple[PlanStep, ...] = ()
) -> Estimate:
    """Return the estimate of a lever whose columns the log lacks; `formula` is what would be computed with them."""
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
    """Return the estimate without savings: with the reason as evidence, and without steps."""
    return replace(estimate, evidence=(Evidence(label=text("no savings"), value=why),), steps=(), details=())


def estimate_saving(lever: Lever, log: PricedLog) -> Estimate:
    """Return the lever's estimate. Its saving is unknown, not zero, if nothing in the log has a price, or if rows are
    totals of several requests and the lever needs single ones."""
    estimate = lever.estimate(log)
    if lever.change is not None and lever.change in log.scope.excluded:
        return _exclude(estimate)
    why = explain_aggregation(log) if lever.per_request else None
    if estimate.saving is None:
        return estimate if why is None else _ask_for_requests(estimate, why)
    if not log.prices.models:
        column = "" if log.has_columns("model") else "model"
        return _to_unknown(estimate, Unknown(what=text("savings in money (no model has a price)"), column=column))
    return estimate if why is None else _ask_for_requests(estimate, why)


def _exclude(estimate: Estimate) -> Estimate:
    """Return the estimate of a lever that the question excludes: it saves nothing."""
    without = clear_saving(estimate, text("left out, as you asked"))
    return replace(without, saving=Decimal(0), headline=False, questions=())


def _ask_for_requests(estimate: Estimate, why: Text) -> Estimate:
    """Return it without a saving: single requests are missing, and what only the user knows would not help."""
    what = text("savings that depend on individual requests (rows are totals of several requests: {why})", why=why)
    columns = tuple(unknown for unknown in estimate.unknowns if unknown.column)
    return _to_unknown(replace(estimate, unknowns=columns), Unknown(what=what, column="request_id"))


def _to_unknown(estimate: Estimate, missing: Unknown) -> Estimate:
    return replace(
        _keep_answers(estimate),
        saving=None,
        basis=Basis.UNKNOWN,
        bound=Bound.ESTIMATE,
        headline=False,
        evidence=(),
        unknowns=(*estimate.unknowns, missing),
        steps=(),
        details=(),
    )


def _keep_answers(estimate: Estimate) -> Estimate:
    """Return it without what is still to be asked, because no answer can change it."""
    return replace(
        estimate,
        questions=tuple(each for each in estimate.questions if each.answer is not None),
        quantities=tuple(each for each in estimate.quantities if each.answer is not None),
    )
