"""Apply levers one after the other, exactly, and compute what the log would have cost after each.

A lever does not scale a request's cost but changes its parts: tokens move between buckets, another model's prices
apply, or only a share of the price remains. Costs are then recomputed in decimals. So no ratio is rounded, and a
request that one lever avoids saves nothing for the next. Each lever gets the log as the levers before it leave it
(LogState) and computes its effect on that: a cache is replayed over the requests that are still made."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from workloads.analysis.log_state import (
    COST_SQL,
    INITIAL_STATE,
    LeverEffect,
    LogState,
    build_changed_sql,
    build_saved_rows_sql,
    build_saved_sql,
)
from workloads.analysis.priced_log import PricedLog

BuildEffect = Callable[[LogState], LeverEffect | None]
"""What a lever does to a state; None if the log lacks the columns for it."""

OnEffect = Callable[[LogState, LeverEffect], None]


def ignore_effect(state: LogState, effect: LeverEffect) -> None:
    """Do nothing with an effect."""


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


def compute_saving(log: PricedLog, effect: LeverEffect, state: LogState = INITIAL_STATE) -> Decimal:
    """Return the USD that `effect` on the log in `state` saves."""
    if effect.is_empty:
        return Decimal(0)
    (saved,) = log.fetch_one(build_saved_sql(state, effect))
    return Decimal(saved)


def apply_levers(
    log: PricedLog, levers: Sequence[WaterfallLever], *, quantiles: Sequence[float] = ()
) -> WaterfallCosts:
    """Apply the promised levers in their order. Each of the others is tried at its own place in that order, before the
    promised ones that follow it, so that what it adds is what the total gains once it is promised as well."""
    state, spends = INITIAL_STATE, [_compute_spend(log)]
    ends: list[Decimal] = []  # what the log would cost with each of the other levers
    for place, lever in enumerate(levers):
        if lever.is_promised:
            state, saved = _apply_lever(log, state, lever, keep=False)
            spends.append(spends[-1] - saved)
        else:
            later = [following for following in levers[place + 1 :] if following.is_promised]
            ends.append(spends[-1] - _try_levers(log, state, [lever, *later]))
    latencies = _compute_latencies(log, state, quantiles)
    _drop_state(log, state)
    outside = _compute_spend_outside(log, spends[0])
    return WaterfallCosts(
        spends=tuple(spend + outside for spend in spends),
        adds=tuple(spends[-1] - end for end in ends),
        latencies=latencies,
    )


def apply_levers_to_groups(
    log: PricedLog, levers: Sequence[WaterfallLever], column: str
) -> tuple[Mapping[str | None, Decimal], ...]:
    """Return what each lever saves in USD by the values of a column of the log. The promised ones are applied one after
    the other; each of the others is tried alone at its place."""
    state, found = INITIAL_STATE, []
    for lever in levers:
        sums: dict[str | None, Decimal] = {}
        add = partial(_sum_saved, log, column, sums)
        if lever.is_promised:
            state, _ = _apply_lever(log, state, lever, keep=False, on_effect=add)
        else:
            _measure_lever(log, state, lever, on_effect=add)
        found.append(sums)
    _drop_state(log, state)
    return tuple(found)


def _sum_saved(
    log: PricedLog, column: str, sums: dict[str | None, Decimal], state: LogState, effect: LeverEffect
) -> None:
    saved = build_saved_rows_sql(state, effect)
    sql = f"SELECT {column}, sum(s.usd) FROM ({saved}) s JOIN priced USING (row) GROUP BY 1"
    sums.update({value: Decimal(usd or 0) for value, usd in log.fetch_all(sql)})


def _try_levers(log: PricedLog, state: LogState, levers: Sequence[WaterfallLever]) -> Decimal:
    """Return what the levers would save after `state`, one after the other."""
    tried, total = state, Decimal(0)
    for lever in levers[:-1]:
        tried, saved = _apply_lever(log, tried, lever, keep=tried == state)
        total += saved
    total += _measure_lever(log, tried, levers[-1])
    if tried != state:
        _drop_state(log, tried)
    return total


def _apply_lever(
    log: PricedLog, state: LogState, lever: WaterfallLever, *, keep: bool, on_effect: OnEffect = ignore_effect
) -> tuple[LogState, Decimal]:
    """Return the state after `lever`, as a table of its own, and what it saves: several wide joins in one query would
    exceed a run's memory. The tables of the lever are dropped, and that of `state` if it is not to be kept."""
    before = log.built_tables
    effect = lever.build(state)
    if effect is None or effect.is_empty:
        _drop_tables_of_lever(log, state, before)
        return state, Decimal(0)
    saved = compute_saving(log, effect, state)
    on_effect(state, effect)
    table = f"state_{state.name}_{lever.name}"
    log.create_table(table, f"CREATE TEMP TABLE {table} AS FROM {build_changed_sql(state, effect)}")
    _drop_tables_of_lever(log, state, before | {table})
    if not keep:
        _drop_state(log, state)
    return LogState(name=f"{state.name}_{lever.name}", relation=table), saved


def _measure_lever(
    log: PricedLog, state: LogState, lever: WaterfallLever, *, on_effect: OnEffect = ignore_effect
) -> Decimal:
    """Return what `lever` saves after `state`. Its tables are dropped."""
    before = log.built_tables
    effect = lever.build(state)
    saved = compute_saving(log, effect, state) if effect else Decimal(0)
    if effect and not effect.is_empty:
        on_effect(state, effect)
    _drop_tables_of_lever(log, state, before)
    return saved


def _drop_tables_of_lever(log: PricedLog, state: LogState, kept: Set[str]) -> None:
    """Drop the tables that are not `kept`, except those of the log as it is, which others may use."""
    if state != INITIAL_STATE:
        log.drop_tables(log.built_tables - kept)


def _drop_state(log: PricedLog, state: LogState) -> None:
    if state != INITIAL_STATE:
        log.drop_tables({state.relation})


def _compute_spend(log: PricedLog) -> Decimal:
    """Return what the priced requests that levers may change cost before any effect."""
    (cost,) = log.fetch_one(f"SELECT coalesce(sum({COST_SQL}), 0) FROM {INITIAL_STATE.relation}")
    return Decimal(cost)


def _compute_spend_outside(log: PricedLog, inside: Decimal) -> Decimal:
    """Return what all others cost: the requests that no lever may change, and those whose cost only the log states."""
    (cost,) = log.fetch_one("SELECT coalesce(sum(spend), 0) FROM priced")
    return Decimal(cost) - inside


def _compute_latencies(log: PricedLog, state: LogState, quantiles: Sequence[float]) -> tuple[LatencyQuantile, ...]:
    if not quantiles:
        return ()
    stay = f"ANTI JOIN (SELECT row FROM {state.relation} WHERE NOT is_interactive) USING (row)"
    all_before, all_after = (
        log.fetch_one(
            f"""SELECT quantile_cont(latency_ms, {list(quantiles)}) FROM log.requests {those}
            WHERE service_tier IS DISTINCT FROM 'batch'"""
        )[0]
        for those in ("", stay)  # one after the other: percentiles don't spill to disk
    )
    nothing = [None] * len(quantiles)
    return tuple(
        LatencyQuantile(quantile=quantile, before_ms=before, after_ms=after)
        for quantile, before, after in zip(quantiles, all_before or nothing, all_after or nothing, strict=True)
    )
