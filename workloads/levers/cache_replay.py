"""A provider's prompt cache, replayed over the requests of a state: what each of them could have read and written.

Blocks are prefix hashes, so equal blocks mean equal prefixes. A request can read a prefix if an earlier request with
that prefix has begun to answer (its first token where logged, else its end; the moment after its start if the log has
no latency) and started at most TTL before. Requests of one instant can't read from each other. Failed requests and
those in a batch neither read nor write: a failure may not have been processed, and a batch keeps no order. What the log
shows as cached, where prompts have to be marked, was marked for 5 minutes, so nobody reads it later."""

from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog

SHORT, LONG = 300, 3600
TTLS = (SHORT, 1800, LONG)
"""Seconds without use until a prefix expires."""

POSITION_BITS = 20
"""Enough bits for the blocks of any prompt: `place` is a request's row shifted by this, plus the block's position
from 1."""

ASK, ANSWER = 1, 0  # in this order where both happen at once
READY_US = "greatest(us + 1, us + round(coalesce(first_token_ms, latency_ms, 0) * 1000))::BIGINT"
"""When a request's prefix can be read, in microseconds."""


def build_replay(log: PricedLog, state: LogState) -> str:
    """Create the TEMP table of the replay: `row`, `input`, and tokens of the request's prefix, not yet rounded to what
    the provider caches: `seen` in an earlier request, and for each TTL `hit_*` (readable if every prefix is written),
    `hit_seen_*` (readable if a prefix is written from its second use on) and `again_*` (read by a later request).
    Returns its name.

    Without times, file order is used, and nothing expires.
    """
    if state != INITIAL_STATE and not _is_changed(log, state):
        return build_replay(log, INITIAL_STATE)
    table, tokens = state.name_table("replay"), log.source.block_tokens or 0
    us, ready = ('epoch_us("at")', READY_US) if log.has_times else ("row", "us + 1")
    firsts = ", ".join(
        f"min(position) FILTER (kind = {kind} AND {missing}) AS {name}" for name, kind, missing in _list_misses()
    )
    columns = ", ".join(
        f"least((coalesce({name}, blocks + 1) - 1) * {tokens}, input)::BIGINT AS {name}"
        for name, _, _ in _list_misses()
    )
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS
        WITH calls AS (
            SELECT row, {us} AS us, cache_owner, r.blocks,
                NOT is_cache_automatic AND s.cache_read + s.cache_write > r.cache_write_1h AS is_short,
                s.fresh_input + s.cache_read + s.cache_write + s.written_1h AS input,
                {ready} AS ready
            FROM log.requests r JOIN {state.relation} s USING (row)
            WHERE is_made AND NOT is_batched AND ok IS DISTINCT FROM false AND len(r.blocks) > 0 AND p_read < p_fresh
        ),
        places AS (
            SELECT (row << {POSITION_BITS}) + position AS place, us, ready, is_short, hash(cache_owner, block) AS block
            FROM (
                SELECT row, us, ready, is_short, cache_owner, unnest(blocks) AS block,
                    generate_subscripts(blocks, 1) AS position
                FROM calls
            )
        ),
        events AS (
            SELECT place, block, us AS moment, us, is_short, {ASK} AS kind FROM places
            UNION ALL SELECT place, block, ready, us, is_short, {ANSWER} FROM places
        ),
        firsts AS (SELECT *, min(us) OVER (PARTITION BY block) AS first FROM events),
        gaps AS (
            SELECT place >> {POSITION_BITS} AS row, (place & {(1 << POSITION_BITS) - 1})::INTEGER AS position, kind,
                us > first AS is_seen,
                us - max(us) FILTER (kind = {ANSWER}) OVER before AS back,
                us - max(us) FILTER (kind = {ANSWER} AND us > first) OVER before AS back_seen,
                us - max(us) FILTER (kind = {ANSWER} AND NOT is_short) OVER before AS back_long,
                us - max(us) FILTER (kind = {ANSWER} AND us > first AND NOT is_short) OVER before AS back_seen_long,
                min(us) FILTER (kind = {ASK}) OVER after - us AS ahead
            FROM firsts
            WINDOW before AS (PARTITION BY block ORDER BY moment, kind, place
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                after AS (PARTITION BY block ORDER BY moment, kind, place
                          ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
        ),
        misses AS (SELECT row, {firsts} FROM gaps GROUP BY row)
        SELECT row, input, {columns}
        FROM (SELECT row, input, len(blocks) AS blocks FROM calls) JOIN misses USING (row)""",
    )


def _is_changed(log: PricedLog, state: LogState) -> bool:
    """Whether the state differs from the log in what the replay depends on."""
    (changed,) = log.fetch_one(
        f"""SELECT count(*) FROM {state.relation} s JOIN {INITIAL_STATE.relation} i USING (row)
        WHERE (s.is_made, s.is_batched, s.cache_owner, s.fresh_input + s.cache_read + s.cache_write + s.written_1h,
                s.p_read < s.p_fresh)
            IS DISTINCT FROM (i.is_made, i.is_batched, i.cache_owner, i.fresh_input + i.cache_read + i.cache_write,
                i.p_read < i.p_fresh)"""
    )
    return bool(changed)


def _list_misses() -> tuple[tuple[str, int, str], ...]:
    """Return for each column of the replay the kind of event that tells it, and when a block doesn't count for it."""
    by_ttl = (
        column
        for ttl in TTLS
        for column in (
            (f"hit_{ttl}", ASK, _build_miss_sql("back", ttl)),
            (f"hit_seen_{ttl}", ASK, _build_miss_sql("back_seen", ttl)),
            (f"again_{ttl}", ANSWER, f"(ahead IS NULL OR ahead > {ttl * 1_000_000})"),
        )
    )
    return (("seen", ASK, "NOT is_seen"), *by_ttl)


def _build_miss_sql(gap: str, ttl: int) -> str:
    column = f"{gap}_long" if ttl == LONG else gap
    return f"({column} IS NULL OR {column} > {ttl * 1_000_000})"
