"""Apply levers one after the other, exactly, and compute what the log would have cost after each.

A lever does not scale a request's cost but changes its parts: tokens move between buckets, another model's prices
apply, or only a share of the price remains. Costs are then recomputed in decimals. So no ratio is rounded, and a
request that one lever avoids saves nothing for the next. Each lever gets the log as the levers before it leave it
(LogState) and computes its effect on that: a cache is replayed over the requests that are still made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workloads.analysis.log_state import (
    COST_SQL,
    INITIAL_STATE,
    LeverEffect,
    LogState,
    build_changed_sql,
)
from workloads.analysis.priced_log import PricedLog

BuildEffect = Callable[[LogState], LeverEffect | None]
"""What a lever does to a state; None if the log lacks the columns for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallLever:
    """A lever for `apply_levers`. `is_promised`: it is a step of the waterfall; otherwise only what it would add is
    computed."""

    name: str
    build: BuildEffect
    is_promised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyQuantile:
    """A quantile (0.95 for p95) of latency in ms now, and of the requests that stay in the interactive path; None
    without any.

    Latencies are the log's own: no request is assumed to get faster or slower.
    """

    quantile: float
    before_ms: float | None
    after_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallCosts:
    """`spends`: USD before any lever, after the first promised one, the first two, ...; `adds`: what the total would
    save more with each of the other levers at its place; `latencies`: after all promised levers."""

    spends: tuple[Decimal, ...]
    adds: tuple[Decimal, ...]
    latencies: tuple[LatencyQuantile, ...]


def compute_saving(log: PricedLog, effect: LeverEffect) -> Decimal:
    """Return the USD that `effect` on the log as it is saves alone."""
    if effect.is_empty:
        return Decimal(0)
    return _compute_current_spend(log) - _compute_spend(log, build_changed_sql(INITIAL_STATE, effect))


def apply_levers(
    log: PricedLog, levers: Sequence[WaterfallLever], *, quantiles: Sequence[float] = ()
) -> WaterfallCosts:
    """Apply the promised levers in their order. Each of the others is tried at its own place in that order, before the
    promised ones that follow it, so that what it adds is what the total gains once it is promised as well."""
    state, spends = INITIAL_STATE, [_compute_current_spend(log)]
    ends: list[Decimal] = []  # what the log would cost with each of the other levers
    for place, lever in enumerate(levers):
        if lever.is_promised:
            state = _apply_lever(log, state, lever, keep=False)
            spends.append(_compute_spend(log, state.relation))
        else:
            ends.append(_try_lever(log, state, lever, [later for later in levers[place + 1 :] if later.is_promised]))
    latencies = tuple(_compute_latency(log, state, quantile) for quantile in quantiles)
    _drop_state(log, state)
    outside = _compute_spend_outside(log)
    return WaterfallCosts(
        spends=tuple(spend + outside for spend in spends),
        adds=tuple(spends[-1] - end for end in ends),
        latencies=latencies,
    )


def _try_lever(log: PricedLog, state: LogState, lever: WaterfallLever, later: Sequence[WaterfallLever]) -> Decimal:
    """Return what the log would cost after `state`, `lever` and the later ones."""
    tried = _apply_lever(log, state, lever, keep=True)
    for following in later:
        tried = _apply_lever(log, tried, following, keep=tried == state)
    cost = _compute_spend(log, tried.relation)
    if tried != state:
        _drop_state(log, tried)
    return cost


def _apply_lever(log: PricedLog, state: LogState, lever: WaterfallLever, *, keep: bool) -> LogState:
    """Return the state after `lever`, as a table of its own: several wide joins in one query would exceed a run's
    memory. The tables of the lever are dropped, and that of `state` if it is not to be kept."""
    kept = log.built_tables
    effect = lever.build(state)
    changes = effect is not None and not effect.is_empty
    table = f"state_{state.name}_{lever.name}"
    if effect is not None and changes:
        log.create_table(table, f"CREATE TEMP TABLE {table} AS FROM {build_changed_sql(state, effect)}")
    if state != INITIAL_STATE:
        log.drop_tables(log.built_tables - kept - {table})
        if changes and not keep:
            _drop_state(log, state)
    return LogState(name=f"{state.name}_{lever.name}", relation=table) if changes else state


def _drop_state(log: PricedLog, state: LogState) -> None:
    if state != INITIAL_STATE:
        log.drop_tables({state.relation})


def _compute_current_spend(log: PricedLog) -> Decimal:
    """Return what the priced requests that levers may change cost before any effect."""
    log.create_table(
        "spend_now",
        f"CREATE TEMP TABLE spend_now AS SELECT coalesce(sum({COST_SQL}), 0) AS usd FROM {INITIAL_STATE.relation}",
    )
    (cost,) = log.fetch_one("SELECT usd FROM spend_now")
    return Decimal(cost)


def _compute_spend_outside(log: PricedLog) -> Decimal:
    """Return what the requests cost that no lever may change, and those whose cost only the log states."""
    (cost,) = log.fetch_one(
        """SELECT coalesce(sum(spend), 0) FROM priced
        WHERE stated_cost IS NOT NULL OR row NOT IN (SELECT row FROM scoped)"""
    )
    return Decimal(cost)


def _compute_spend(log: PricedLog, relation: str) -> Decimal:
    (cost,) = log.fetch_one(f"SELECT coalesce(sum({COST_SQL}), 0) FROM {relation}")
    return Decimal(cost)


def _compute_latency(log: PricedLog, state: LogState, quantile: float) -> LatencyQuantile:
    before, after = log.fetch_one(
        f"""SELECT quantile_cont(latency_ms, {quantile}) FILTER (service_tier IS DISTINCT FROM 'batch'),
            quantile_cont(latency_ms, {quantile})
                FILTER (coalesce(is_interactive, service_tier IS DISTINCT FROM 'batch'))
        FROM log.requests LEFT JOIN {state.relation} USING (row)"""
    )
    return LatencyQuantile(quantile=quantile, before_ms=before, after_ms=after)
