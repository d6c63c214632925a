"""Apply levers one after the other, exactly, and compute what the log would have cost after each.

An effect does not scale a request's cost but changes its parts: tokens move from fresh input to the cache's buckets,
another model's prices apply, or only a share of the price remains. Costs are then recomputed in decimals. So no ratio
is rounded, and a request that one lever avoids saves nothing for the next. The effect of a lever does not depend on its
position; only the saving credited to it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workloads.analysis.priced_log import PricedLog

EFFECT_COLUMNS = """row BIGINT NOT NULL, to_read BIGINT DEFAULT 0, to_write BIGINT DEFAULT 0,
    price_share DECIMAL(5,4) DEFAULT 1, leaves BOOLEAN DEFAULT false, t_fresh DECIMAL(18,12), t_read DECIMAL(18,12),
    t_write DECIMAL(18,12), t_output DECIMAL(18,12)"""
"""The columns of an effect's table, which has a line per changed request: fresh tokens that become cache reads and
writes; the share of the price that remains (0: the request is not made); whether the request leaves the interactive
path; the prices per token of the model that answers instead."""

STATE_COLUMNS = """row, fresh_input, cache_read, cache_write, output, p_fresh, p_read, p_write, p_output, surcharge"""
SHARE_TYPE = "DECIMAL(13,12)"
INITIAL_STATE = (
    f"(SELECT {STATE_COLUMNS}, CAST(1 AS {SHARE_TYPE}) AS price_share FROM priced WHERE p_fresh IS NOT NULL)"
)
"""The requests as logged: the first state, to which `_build_state_sql` applies effects."""

COST_SQL = """CAST(fresh_input * p_fresh + cache_read * p_read + cache_write * p_write + output * p_output + surcharge
    AS DECIMAL(24,12)) * price_share"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverEffect:
    """What a lever does to each request, as the TEMP table `table`."""

    lever: str
    table: str


def build_effect(log: PricedLog, lever: str, select: str) -> LeverEffect:
    """Store the rows of `select`, which has `row` and any other EFFECT_COLUMNS by name, as the lever's effect."""
    table = f"effect_{lever}"
    log.create_table(
        table, f"CREATE TEMP TABLE {table} ({EFFECT_COLUMNS})", f"INSERT INTO {table} BY NAME SELECT * FROM ({select})"
    )
    return LeverEffect(lever=lever, table=table)


def compute_saving(log: PricedLog, effect: LeverEffect) -> Decimal:
    """Return the USD that `effect` saves alone."""
    return _compute_current_spend(log) - _compute_spend(log, _build_state_sql(INITIAL_STATE, effect))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallCosts:
    """`spends`: USD before any effect, after the first, the first two, ...; `adds`: what each other effect would save
    after all of them."""

    spends: tuple[Decimal, ...]
    adds: tuple[Decimal, ...]


def apply_effects(log: PricedLog, effects: Sequence[LeverEffect], others: Sequence[LeverEffect]) -> WaterfallCosts:
    """Apply `effects` one after the other, then each of `others` alone."""
    state = INITIAL_STATE
    spends = [_compute_current_spend(log)]
    for step, effect in enumerate(effects):
        # A table for each step: several wide joins in one query would exceed a run's memory.
        state = _store_state(log, step, state, effect)
        spends.append(_compute_spend(log, state))
    adds = tuple(spends[-1] - _compute_spend(log, _build_state_sql(state, other)) for other in others)
    if effects:
        log.drop_table(state)
    return WaterfallCosts(spends=tuple(spends), adds=adds)


def compute_latency_after(
    log: PricedLog, effects: Sequence[LeverEffect], quantile: float
) -> tuple[float | None, float | None]:
    """Return a quantile (0.95 for p95) of latency in ms now, and of the requests that stay in the interactive path.

    Latencies are the log's own: no request is assumed to get faster.
    """
    gone = " UNION ".join(f"SELECT row FROM {effect.table} WHERE leaves" for effect in effects) or "SELECT -1 AS row"
    now, after = log.fetch_one(
        f"""SELECT quantile_cont(latency_ms, {quantile}),
            quantile_cont(latency_ms, {quantile}) FILTER (gone.row IS NULL)
        FROM log.requests LEFT JOIN ({gone}) gone USING (row)"""
    )
    return now, after


def _compute_current_spend(log: PricedLog) -> Decimal:
    """Return what the priced requests cost before any effect."""
    log.create_table(
        "spend_now", f"CREATE TEMP TABLE spend_now AS SELECT coalesce(sum({COST_SQL}), 0) AS usd FROM {INITIAL_STATE}"
    )
    (cost,) = log.fetch_one("SELECT usd FROM spend_now")
    return Decimal(cost)


def _compute_spend(log: PricedLog, state: str) -> Decimal:
    (cost,) = log.fetch_one(f"SELECT coalesce(sum({COST_SQL}), 0) FROM {state}")
    return Decimal(cost)


def _store_state(log: PricedLog, step: int, state: str, effect: LeverEffect) -> str:
    table = log.create_table(
        f"state_{step}", f"CREATE TEMP TABLE state_{step} AS FROM {_build_state_sql(state, effect)}"
    )
    if step:
        log.drop_table(state)
    return table


def _build_state_sql(state: str, effect: LeverEffect) -> str:
    """Return the state after `effect` as a subquery; no more tokens move than are left."""
    return f"""(
        SELECT row, fresh_input - reads - writes AS fresh_input, cache_read + reads AS cache_read,
            cache_write + writes AS cache_write, output, coalesce(t_fresh, p_fresh) AS p_fresh,
            coalesce(t_read, p_read) AS p_read, coalesce(t_write, p_write) AS p_write,
            coalesce(t_output, p_output) AS p_output, surcharge, CAST(before * share AS {SHARE_TYPE}) AS price_share
        FROM (
            SELECT s.* RENAME (price_share AS before), e.t_fresh, e.t_read, e.t_write, e.t_output,
                coalesce(e.price_share, 1) AS share, least(coalesce(e.to_read, 0), s.fresh_input) AS reads,
                least(coalesce(e.to_write, 0), s.fresh_input - reads) AS writes
            FROM {state} s LEFT JOIN {effect.table} e ON s.row = e.row
        )
    )"""
