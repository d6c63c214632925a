"""The cost of the requests of a state of the log with fewer tokens.

Of input that is cut, cache reads go first: they are the cheapest, so a trimmed token that was cached saves only the
price of a read. Tokens written to a cache, audio and images are not cut. A prompt that gets shorter than the start of a
long-context price is priced as a whole at the lower one, unless another lever has already changed its prices."""

from workloads.analysis.log_state import COST_SQL, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.repricing.offers import build_window_sql, is_unchanged_sql
from workloads.pricing.pricing_sql import MAX_NAMES

CUT_EFFECT = "cut_fresh, cut_read, cut_output, t_fresh, t_read, t_write, t_write_1h, t_output, t_surcharge"
"""The columns of a table of cut requests that an effect needs (log_state.EFFECT_COLUMNS)."""

_NEW_PRICES = """
    CASE WHEN changes THEN n.p_fresh ELSE s.p_fresh END AS t_fresh,
    CASE WHEN changes THEN n.p_read ELSE s.p_read END AS t_read,
    CASE WHEN changes THEN n.p_write ELSE s.p_write END AS t_write,
    CASE WHEN changes THEN n.p_write_1h ELSE s.p_write_1h END AS t_write_1h,
    CASE WHEN changes THEN n.p_output ELSE s.p_output END AS t_output,
    CASE WHEN changes THEN (p.audio_input * (n.p_audio_input - n.p_fresh)
            + p.image_input * (n.p_image_input - n.p_fresh)
            + p.audio_read * (n.p_audio_read - n.p_read) + p.audio_output * (n.p_audio_output - n.p_output)
            + p.cache_write_1h * (n.p_write_1h - n.p_write) + p.searches * n.p_search)::DECIMAL(24,12)
        ELSE s.surcharge END AS t_surcharge"""


def build_cut_costs(
    log: PricedLog,
    state: LogState,
    name: str,
    *,
    keep_input: str = "NULL",
    keep_output: str = "NULL",
    joins: str = "",
    where: str = "true",
) -> str:
    """Create a TEMP table of the single requests of `state` that keep at most so many tokens and cost less then.

    `keep_input` and `keep_output` are SQL, NULL for all tokens, about `s`, the state's columns with `input`, `p`, those
    of `priced`, `u`, the rate of the request, and what `joins` adds. Returns the table's name; it has row, key,
    feature, input, output, now_cost, CUT_EFFECT's columns and `saved`.
    """
    table = state.name_table(name)
    size = "BETWEEN {0}.min_input AND {0}.max_input"
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS
        WITH s AS (
            SELECT *, fresh_input + cache_read + cache_write + written_1h AS input, {COST_SQL} AS now_cost
            FROM {state.relation} WHERE is_made AND p_fresh IS NOT NULL
        ), kept AS (
            SELECT s.row, {keep_input} AS keep_input, {keep_output} AS keep_output
            FROM s JOIN priced p ON p.row = s.row
            JOIN rates u ON u.key = p.key AND {build_window_sql("p", "u")} AND s.input {size.format("u")} {joins}
            WHERE NOT p.is_sum AND p.key < {MAX_NAMES} AND p.ok IS DISTINCT FROM false AND ({where})
                AND (s.input > keep_input OR s.output > keep_output)
        ), cuts AS (
            SELECT s.*, greatest(s.input - keep_input, 0) AS above,
                least(coalesce(above, 0), s.cache_read - p.audio_read) AS cut_read,
                least(coalesce(above, 0) - cut_read, s.fresh_input - p.audio_input - p.image_input) AS cut_fresh,
                least(greatest(s.output - coalesce(keep_output, s.output), 0), s.output - p.audio_output) AS cut_output
            FROM s JOIN kept ON kept.row = s.row JOIN priced p ON p.row = s.row
        )
        SELECT s.row, p.key, p.feature, s.input, s.output, s.now_cost, s.above, s.cut_read, s.cut_fresh, s.cut_output,
            ({is_unchanged_sql("s", "p")}) AND n.key IS NOT NULL AS changes, {_NEW_PRICES},
            CAST((s.fresh_input - cut_fresh) * t_fresh + (s.cache_read - cut_read) * t_read + s.cache_write * t_write
                + s.written_1h * t_write_1h + (s.output - cut_output) * t_output + t_surcharge AS DECIMAL(24,12))
                * s.price_share AS then_cost,
            s.now_cost - then_cost AS saved
        FROM cuts s JOIN priced p ON p.row = s.row
        LEFT JOIN rates n ON n.key = p.key AND {build_window_sql("p", "n")}
            AND s.input - cut_read - cut_fresh {size.format("n")}
        WHERE cut_read + cut_fresh + cut_output > 0 AND saved > 0""",
    )
