"""Tokens in four disjoint buckets, whatever the log's own way of counting cached ones (domain.md, section 0)."""

from dataclasses import dataclass

import duckdb

from netra.language.text import Text, counted, text
from workloads.formats.base import CachedTokens, plain
from workloads.mapping import Plan

REQUIRED = frozenset({"input_tokens", "fresh_input_tokens", "output_tokens"})
MOST = 100_000_000  # tokens in one request; more is a damaged or shifted column

_CACHED = "coalesce(cached_tokens_n, 0) + coalesce(cache_write_tokens_n, 0)"
_EXCEEDS = f"input_tokens_n < {_CACHED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """SQL over `cells`: `fresh` input tokens, and a condition for rows that contradict themselves."""

    fresh: str
    contradiction: str
    notes: tuple[Text, ...]


def buckets(con: duckdb.DuckDBPyConnection, plan: Plan) -> Buckets:
    """How to get the fresh input tokens from what this log counts."""
    if "fresh_input_tokens" in plan.columns:
        return Buckets(fresh="fresh_input_tokens_n", contradiction="false", notes=())
    if not {"cached_tokens", "cache_write_tokens"} & set(plan.columns):
        return Buckets(fresh="input_tokens_n", contradiction="false", notes=())
    known = "input_tokens" in plan.given
    way = CachedTokens.INCLUDED if known else plan.format.cached_tokens
    if way is CachedTokens.INCLUDED:
        return Buckets(fresh=f"input_tokens_n - ({_CACHED})", contradiction=_EXCEEDS, notes=())
    exceeding = _count(con, _EXCEEDS)
    return _guessed(plan, exceeding) if way is CachedTokens.GUESSED else _row_by_row(plan, exceeding)


def _guessed(plan: Plan, exceeding: int) -> Buckets:
    source = plan.columns["input_tokens"]
    if exceeding or _anthropic(plan):
        note = text(
            'Guessed: "{column}" excludes cached tokens. If that is wrong, choose it for {field}.',
            column=source,
            field="input_tokens",
        )
        return Buckets(fresh="input_tokens_n", contradiction="false", notes=(note,))
    note = text(
        'Guessed: "{column}" includes cached tokens. If that is wrong, choose it for {field}.',
        column=source,
        field="fresh_input_tokens",
    )
    return Buckets(fresh=f"input_tokens_n - ({_CACHED})", contradiction="false", notes=(note,))


def _anthropic(plan: Plan) -> bool:
    """Anthropic's usage object: its input_tokens stand beside, not above, its cache_read_input_tokens."""
    ends = [plain(plan.columns.get(field, "")).rpartition(".")[2] for field in ("input_tokens", "cached_tokens")]
    return ends == ["inputtokens", "cachereadinputtokens"]


def _row_by_row(plan: Plan, exceeding: int) -> Buckets:
    fresh = f"""CASE
        WHEN NOT {_EXCEEDS} THEN input_tokens_n - ({_CACHED})
        WHEN input_tokens_n >= coalesce(cached_tokens_n, 0)
            THEN input_tokens_n - coalesce(cached_tokens_n, 0)
        ELSE input_tokens_n
    END"""
    note = counted(
        "{n:,} row has fewer input than cached tokens: its input was read as not including "
        "the cache writes, or the cached tokens at all.",
        "{n:,} rows have fewer input than cached tokens: their input was read as not including "
        "the cache writes, or the cached tokens at all.",
        n=exceeding,
    )
    return Buckets(fresh=fresh, contradiction="false", notes=(*plan.format.notes, *((note,) if exceeding else ())))


def _count(con: duckdb.DuckDBPyConnection, condition: str) -> int:
    row = con.execute(f"SELECT count(*) FROM cells WHERE {condition}").fetchone()
    return int(row[0]) if row else 0
