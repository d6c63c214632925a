"""The requests of a log as the levers of the waterfall leave them, and what a lever does to them, as SQL."""

from dataclasses import dataclass

from workloads.analysis.priced_log import PricedLog

SHARE_TYPE = "DECIMAL(13,12)"

EFFECT_COLUMNS = """row BIGINT NOT NULL, is_avoided BOOLEAN DEFAULT false, is_batched BOOLEAN DEFAULT false,
    leaves BOOLEAN DEFAULT false, to_read BIGINT DEFAULT 0, to_write BIGINT DEFAULT 0, to_write_1h BIGINT DEFAULT 0,
    less_read BIGINT DEFAULT 0, less_write BIGINT DEFAULT 0, cut_fresh BIGINT DEFAULT 0, cut_read BIGINT DEFAULT 0,
    cut_output BIGINT DEFAULT 0, price_share DECIMAL(5,4) DEFAULT 1, t_fresh DECIMAL(18,12), t_read DECIMAL(18,12),
    t_write DECIMAL(18,12), t_write_1h DECIMAL(18,12), t_output DECIMAL(18,12), t_surcharge DECIMAL(24,12),
    t_model VARCHAR, t_minimum BIGINT, t_step BIGINT, t_ttl BIGINT, t_automatic BOOLEAN"""
"""The columns of an effect's table, which has a line per changed request:

is_avoided: the request is not made; is_batched: it runs in a batch; leaves: it leaves the interactive path;
to_read, to_write, to_write_1h: fresh tokens that are read from the cache, written to it, written for an hour;
less_read, less_write: tokens that were read or written and are fresh now;
cut_fresh, cut_read, cut_output: tokens that are not sent or generated any more;
price_share: the share of the price that remains;
t_fresh ... t_surcharge: prices per token, and the surcharge, that apply instead;
t_model, t_minimum, t_step, t_ttl, t_automatic: the model that answers instead and its cache rules;
its prefixes are cached apart.
"""

STATE_COLUMNS = """row, is_made, is_interactive, is_batched, cache_owner, fresh_input, cache_read, cache_write,
    written_1h, output, p_fresh, p_read, p_write, p_write_1h, p_output, surcharge, price_share, cache_minimum,
    cache_step, cache_ttl, is_cache_automatic"""
"""The columns of a state's relation, a line per request of the log, those without a price included (their prices are
NULL). `cache_owner` is equal for requests that share a prompt cache. `written_1h`: tokens that a lever writes to the
cache for an hour; those that the log reports are in `cache_write`, and their extra price in `surcharge`."""

COST_SQL = f"""CASE WHEN is_made THEN CAST(fresh_input * p_fresh + cache_read * p_read + cache_write * p_write
    + written_1h * p_write_1h + output * p_output + surcharge AS DECIMAL(24,12)) * price_share
    ELSE CAST(0 AS {SHARE_TYPE}) END"""
"""The cost of a state's request in USD, NULL without a price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The requests after some levers. `relation` has STATE_COLUMNS: a TEMP table or a subquery, for FROM. `name` is for
    the names of tables that are computed from this state; waterfall.py drops them with it."""

    name: str
    relation: str

    def name_table(self, table: str) -> str:
        """Return the name of a TEMP table that depends on this state."""
        return f"{table}_{self.name}"


INITIAL_STATE = LogState(
    name="now",
    relation=f"""(
        SELECT row, true AS is_made, service_tier IS DISTINCT FROM 'batch' AS is_interactive,
            service_tier IS NOT DISTINCT FROM 'batch' AS is_batched, hash(model, provider) AS cache_owner, fresh_input,
            cache_read, cache_write, 0::BIGINT AS written_1h, output, p_fresh, p_read, p_write, p_write_1h, p_output,
            surcharge, CAST(1 AS {SHARE_TYPE}) AS price_share, cache_minimum, cache_step, cache_ttl, is_cache_automatic
        FROM scoped
    )""",
)
"""The requests as logged, as far as levers may change them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverEffect:
    """What a lever does to each request of a state, as the TEMP table `table` with EFFECT_COLUMNS. `is_empty`: no
    request changes."""

    lever: str
    table: str
    is_empty: bool


def store_effect(log: PricedLog, state: LogState, lever: str, select: str) -> LeverEffect:
    """Store the rows of `select`, which has `row` and any other EFFECT_COLUMNS by name, as the lever's effect on
    `state`."""
    table = state.name_table(f"effect_{lever}")
    log.create_table(
        table, f"CREATE TEMP TABLE {table} ({EFFECT_COLUMNS})", f"INSERT INTO {table} BY NAME SELECT * FROM ({select})"
    )
    (requests,) = log.fetch_one(f"SELECT count(*) FROM {table}")
    return LeverEffect(lever=lever, table=table, is_empty=not requests)


def build_changed_sql(state: LogState, effect: LeverEffect) -> str:
    """Return the state after `effect` as a subquery with STATE_COLUMNS; no more tokens move than are left.

    It is written in layers: see build_priced_sql.
    """
    return _build_layers(f"{_select_moves(effect)} FROM {state.relation} s LEFT JOIN {effect.table} e ON s.row = e.row")


def build_saved_sql(state: LogState, effect: LeverEffect) -> str:
    """Return a SELECT of the USD that `effect` saves: `usd`, exactly the cost of the state minus that of the state
    after it. Only the requests that it changes are read."""
    return f"SELECT coalesce(sum(cost_now), 0) - coalesce(sum({COST_SQL}), 0) AS usd FROM {_build_both(state, effect)}"


def build_saved_rows_sql(state: LogState, effect: LeverEffect) -> str:
    """Return a SELECT of the USD that `effect` saves of each request that it changes: `row` and `usd`."""
    return f"SELECT row, coalesce(cost_now, 0) - coalesce({COST_SQL}, 0) AS usd FROM {_build_both(state, effect)}"


def _build_both(state: LogState, effect: LeverEffect) -> str:
    """Return the changed requests with what they cost now as `cost_now`."""
    requests = f"(SELECT *, {COST_SQL} AS cost_now FROM {state.relation}) s JOIN {effect.table} e ON s.row = e.row"
    return _build_layers(f"{_select_moves(effect)}, cost_now FROM {requests}", more=", cost_now")


def _build_layers(moves: str, *, more: str = "") -> str:
    return f"""(
        SELECT row, is_made, is_interactive, is_batched, cache_owner,
            fresh + unread + unwritten - cut_in - reads - writes - writes_1h AS fresh_input,
            read - unread - cut_cached + reads AS cache_read, written - unwritten + writes AS cache_write,
            hourly + writes_1h AS written_1h, output, p_fresh, p_read, p_write, p_write_1h, p_output, surcharge,
            price_share, cache_minimum, cache_step, cache_ttl, is_cache_automatic{more}
        FROM (SELECT *, least(wanted_1h, fresh - cut_in - reads - writes) AS writes_1h
            FROM (SELECT *, least(wanted_write, fresh - cut_in - reads) AS writes
                FROM (SELECT *, least(wanted_read, fresh - cut_in) AS reads,
                        least(wanted_cut, read - unread) AS cut_cached
                    FROM ({moves}))))
    )"""


def _select_moves(effect: LeverEffect) -> str:
    """Return the SELECT of requests `s` with what their line `e` of an effect does to them, if they have one."""
    return f"""SELECT s.row, s.is_made AND NOT coalesce(e.is_avoided, false) AS is_made,
            s.is_interactive AND NOT coalesce(e.leaves, false) AS is_interactive,
            s.is_batched OR coalesce(e.is_batched, false) AS is_batched,
            CASE WHEN e.t_model IS NULL THEN s.cache_owner ELSE hash(s.cache_owner, e.t_model) END AS cache_owner,
            s.fresh_input AS fresh, s.cache_read AS read, s.cache_write AS written, s.written_1h AS hourly,
            least(coalesce(e.less_read, 0), s.cache_read) AS unread,
            least(coalesce(e.less_write, 0), s.cache_write) AS unwritten,
            least(coalesce(e.cut_fresh, 0), s.fresh_input) AS cut_in,
            coalesce(e.cut_read, 0) AS wanted_cut, coalesce(e.to_read, 0) AS wanted_read,
            coalesce(e.to_write, 0) AS wanted_write, coalesce(e.to_write_1h, 0) AS wanted_1h,
            s.output - least(coalesce(e.cut_output, 0), s.output) AS output,
            coalesce(e.t_fresh, s.p_fresh) AS p_fresh, coalesce(e.t_read, s.p_read) AS p_read,
            coalesce(e.t_write, s.p_write) AS p_write, coalesce(e.t_write_1h, s.p_write_1h) AS p_write_1h,
            coalesce(e.t_output, s.p_output) AS p_output, coalesce(e.t_surcharge, s.surcharge) AS surcharge,
            CAST(s.price_share * coalesce(e.price_share, 1) AS {SHARE_TYPE}) AS price_share,
            coalesce(e.t_minimum, s.cache_minimum) AS cache_minimum, coalesce(e.t_step, s.cache_step) AS cache_step,
            coalesce(e.t_ttl, s.cache_ttl) AS cache_ttl,
            coalesce(e.t_automatic, s.is_cache_automatic) AS is_cache_automatic"""
