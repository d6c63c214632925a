"""Tokens in four disjoint buckets, whatever the log's own way of counting cached ones (domain.md, section 0)."""

from dataclasses import dataclass

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.formats.base import CachedTokens, normalize_name
from workloads.ingest.mapping import ColumnMapping

REQUIRED_COUNTS = frozenset({"input_tokens", "fresh_input_tokens", "output_tokens"})
MAX_TOKENS = 100_000_000  # tokens in one request; more is a damaged or shifted column

_CACHED_SQL = "coalesce(cached_tokens_n, 0) + coalesce(cache_write_tokens_n, 0)"
_EXCEEDS_SQL = f"input_tokens_n < {_CACHED_SQL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSplit:
    """SQL over `cells`: `fresh` input tokens, and a condition for rows that contradict themselves."""

    fresh: str
    contradiction: str
    notes: tuple[Text, ...]


def detect_token_split(con: duckdb.DuckDBPyConnection, plan: ColumnMapping) -> TokenSplit:
    """How to get the fresh input tokens from what this log counts."""
    if "fresh_input_tokens" in plan.columns:
        return TokenSplit(fresh="fresh_input_tokens_n", contradiction="false", notes=())
    if not {"cached_tokens", "cache_write_tokens"} & set(plan.columns):
        return TokenSplit(fresh="input_tokens_n", contradiction="false", notes=())
    known = "input_tokens" in plan.given_fields
    way = CachedTokens.INCLUDED if known else plan.format.cached_tokens
    if way is CachedTokens.INCLUDED:
        return TokenSplit(fresh=f"input_tokens_n - ({_CACHED_SQL})", contradiction=_EXCEEDS_SQL, notes=())
    exceeding = _count_rows(con, _EXCEEDS_SQL)
    return _guess_split(plan, exceeding) if way is CachedTokens.GUESSED else _split_row_by_row(plan, exceeding)


def _guess_split(plan: ColumnMapping, exceeding: int) -> TokenSplit:
    source = plan.columns["input_tokens"]
    if exceeding or _is_anthropic(plan):
        note = text(
            'Guessed: "{column}" excludes cached tokens. If that is wrong, choose it for {field}.',
            column=source,
            field="input_tokens",
        )
        return TokenSplit(fresh="input_tokens_n", contradiction="false", notes=(note,))
    note = text(
        'Guessed: "{column}" includes cached tokens. If that is wrong, choose it for {field}.',
        column=source,
        field="fresh_input_tokens",
    )
    return TokenSplit(fresh=f"input_tokens_n - ({_CACHED_SQL})", contradiction="false", notes=(note,))


def _is_anthropic(plan: ColumnMapping) -> bool:
    """Anthropic's usage object: its input_tokens stand beside, not above, its cache_read_input_tokens."""
    ends = [
        normalize_name(plan.columns.get(field, "")).rpartition(".")[2] for field in ("input_tokens", "cached_tokens")
    ]
    return ends == ["inputtokens", "cachereadinputtokens"]


def _split_row_by_row(plan: ColumnMapping, exceeding: int) -> TokenSplit:
    fresh = f"""CASE
        WHEN NOT {_EXCEEDS_SQL} THEN input_tokens_n - ({_CACHED_SQL})
        WHEN input_tokens_n >= coalesce(cached_tokens_n, 0)
            THEN input_tokens_n - coalesce(cached_tokens_n, 0)
        ELSE input_tokens_n
    END"""
    note = plural_text(
        "{n:,} row has fewer input than cached tokens: its input was read as not including "
        "the cache writes, or the cached tokens at all.",
        "{n:,} rows have fewer input than cached tokens: their input was read as not including "
        "the cache writes, or the cached tokens at all.",
        n=exceeding,
    )
    return TokenSplit(fresh=fresh, contradiction="false", notes=(*plan.format.notes, *((note,) if exceeding else ())))


def _count_rows(con: duckdb.DuckDBPyConnection, condition: str) -> int:
    row = con.execute(f"SELECT count(*) FROM cells WHERE {condition}").fetchone()
    return int(row[0]) if row else 0
