"""An ideal prefix cache, replayed over the log: how much of each prompt would have been cached.

Blocks are prefix hashes, so equal blocks mean equal prefixes. In order of time, a block is a hit if the same model got
it at most TTL before; each use refreshes it. Hits count up to a prompt's first miss; the last block may be partial.
There is no minimum length and no size limit here; the lever applies the providers' rules. Blocks are compared by 64-bit
hashes. Without times, file order is used, and only a cache without expiry has a hit rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import text
from workloads.analysis.estimate import Unknown
from workloads.analysis.priced_log import PricedLog

TTLS: Mapping[int | None, str] = MappingProxyType({300: "300", 600: "600", 3600: "3600", None: "any"})
"""Seconds without use until a block expires (None: never), and the suffix of its columns in the table `replay`."""

BLOCKS_UNKNOWN = Unknown(what=text("prefix-cache hit rate"), column="blocks")
TIME_UNKNOWN = Unknown(what=text("prefix-cache hit rates by cache lifetime"), column="time")

POSITION_BITS = 20
"""Enough bits for the blocks of any prompt: `place` is a request's row shifted by this, plus the block's position
from 1."""

SHORTEST_TTL = 0
"""The class of gaps that even the shortest TTL bridges."""

TTL_CLASSES = " ".join(f"WHEN {{gap}} <= {ttl * 1_000_000} THEN {n}" for n, ttl in enumerate(TTLS) if ttl)
"""The class of a gap in microseconds: the index in TTLS of the shortest one that bridges it. The class of no gap is
len(TTLS)."""


def _build_class_sql(gap: str) -> str:
    return (
        f"(CASE WHEN {gap} IS NULL THEN {len(TTLS)} {TTL_CLASSES.format(gap=gap)} ELSE {len(TTLS) - 1} END)::UTINYINT"
    )


CREATE_SEEN = f"""CREATE TEMP TABLE seen AS
SELECT * FROM (
    SELECT place, {_build_class_sql("us - lag(us) OVER same")} AS back,
        {_build_class_sql("lead(us) OVER same - us")} AS ahead
    FROM (
        SELECT us, hash(owner, block) AS block, (row << {POSITION_BITS}) + position AS place
        FROM (
            SELECT row, epoch_us("at") AS us, hash(model, provider) AS owner, unnest(blocks) AS block,
                generate_subscripts(blocks, 1) AS position
            FROM log.requests
        )
    )
    WINDOW same AS (PARTITION BY block ORDER BY us, place)
) WHERE back > {SHORTEST_TTL} OR ahead > {SHORTEST_TTL}"""
"""For each block of each prompt, the classes of the gaps before and after it. Small integers, as there are very many
rows; blocks whose gaps the shortest TTL bridges on both sides are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """The hit rate for one TTL in seconds, None for a cache without expiry. Shares are from 0 to 1."""

    ttl_seconds: int | None
    by_tokens: float
    by_blocks: float
    hit_tokens: int
    hit_blocks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixCache:
    """Hit rates of an ideal cache over the requests with blocks, and the share that the log reports as cached.

    `rates` is empty if the log has no blocks; `unknown` is what is missing. `in_file_order`: the log has no times, so
    file order was used, and there is a rate only for a cache without expiry.
    """

    rates: tuple[HitRate, ...]
    requests: int
    input_tokens: int
    blocks: int
    block_tokens: int | None
    logged_share: float | None
    in_file_order: bool
    unknown: Unknown | None


def measure_prefix_cache(log: PricedLog) -> PrefixCache:
    if not has_blocks(log):
        return PrefixCache(
            rates=(),
            requests=0,
            input_tokens=0,
            blocks=0,
            block_tokens=None,
            logged_share=_measure_logged_share(log),
            in_file_order=not log.has_times,
            unknown=BLOCKS_UNKNOWN,
        )
    sums = ", ".join(f"sum(hit_{name})::BIGINT, sum(hit_blocks_{name})::BIGINT" for name in TTLS.values())
    requests, tokens, blocks, *hits = log.fetch_one(
        f"SELECT count(*), sum(input)::BIGINT, sum(blocks)::BIGINT, {sums} FROM {build_replay(log)}"
    )
    pairs = zip(TTLS, hits[::2], hits[1::2], strict=True)
    return PrefixCache(
        rates=tuple(
            _to_hit_rate(ttl, hit_tokens, tokens, hit_blocks, blocks)
            for ttl, hit_tokens, hit_blocks in pairs
            if log.has_times or ttl is None
        ),
        requests=requests,
        input_tokens=tokens,
        blocks=blocks,
        block_tokens=log.source.block_tokens,
        logged_share=_measure_logged_share(log),
        in_file_order=not log.has_times,
        unknown=None if log.has_times else TIME_UNKNOWN,
    )


def has_blocks(log: PricedLog) -> bool:
    return log.has_columns("blocks") and bool(log.source.block_tokens)


def build_replay(log: PricedLog) -> str:
    """Create the TEMP table `replay`, one line per request with blocks: row, input, blocks and, for each TTL,
    hit_blocks_*, hit_* (tokens of the prefix that was cached) and again_* (tokens of the prefix that recurs in
    time). Returns its name."""
    columns = ", ".join(_build_columns_sql(name, log.source.block_tokens or 0) for name in TTLS.values())
    runs = ", ".join(_build_runs_sql(n, name) for n, name in enumerate(TTLS.values()))
    return log.create_table(
        "replay",
        CREATE_SEEN,
        f"""CREATE TEMP TABLE replay AS
        WITH runs AS (SELECT place >> {POSITION_BITS} AS row, {runs} FROM seen GROUP BY ALL)
        SELECT row, input, blocks, {columns}
        FROM (
            SELECT row, fresh_input + cache_read + cache_write AS input, len(blocks) AS blocks FROM log.requests
            WHERE len(blocks) > 0
        ) LEFT JOIN runs USING (row)""",
        "DROP TABLE seen",
    )


def _build_runs_sql(longest: int, name: str) -> str:
    """Return SQL for the first positions that are no hit, and that do not recur, within the TTL of class `longest`."""
    position = f"(place & {(1 << POSITION_BITS) - 1})::INTEGER"
    return (
        f"min({position}) FILTER (back > {longest}) AS miss_{name}, "
        f"min({position}) FILTER (ahead > {longest}) AS last_{name}"
    )


def _build_columns_sql(name: str, block_tokens: int) -> str:
    hits, again = f"coalesce(miss_{name} - 1, blocks)", f"coalesce(last_{name} - 1, blocks)"
    return (
        f"{hits}::BIGINT AS hit_blocks_{name}, least({hits} * {block_tokens}, input)::BIGINT AS hit_{name}, "
        f"least({again} * {block_tokens}, input)::BIGINT AS again_{name}"
    )


def _to_hit_rate(ttl: int | None, hit_tokens: int, tokens: int, hit_blocks: int, blocks: int) -> HitRate:
    return HitRate(
        ttl_seconds=ttl,
        by_tokens=hit_tokens / tokens if tokens else 0.0,
        by_blocks=hit_blocks / blocks if blocks else 0.0,
        hit_tokens=hit_tokens,
        hit_blocks=hit_blocks,
    )


def _measure_logged_share(log: PricedLog) -> float | None:
    """Return the share of input tokens that the log reports as read from a cache; None if it has no such column."""
    if not log.has_columns("cache_read"):
        return None
    (share,) = log.fetch_one("SELECT sum(cache_read) / sum(fresh_input + cache_read + cache_write) FROM log.requests")
    return float(share) if share is not None else None
