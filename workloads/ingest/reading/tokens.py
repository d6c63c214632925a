"""Split input tokens into disjoint buckets, whether or not the log counts cached ones as input."""

from dataclasses import dataclass

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.formats.base import CachedTokens, normalize_name
from workloads.ingest.mapping import ColumnMapping

REQUIRED_COUNTS = frozenset({"input_tokens", "fresh_input_tokens", "output_tokens"})
MAX_TOKENS = 100_000_000  # in one request; more means a damaged or shifted column

_CACHED_SQL = "coalesce(cached_tokens_n, 0) + coalesce(cache_write_tokens_n, 0)"
_EXCEEDS_SQL = f"input_tokens_n < {_CACHED_SQL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSplit:
    """SQL over `cells`: the `fresh` input tokens, and a condition for contradictory rows."""

    fresh: str
    contradiction: str
    notes: tuple[Text, ...]


def detect_token_split(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> TokenSplit:
    """Detect how to compute the fresh input tokens from what this log counts."""
    if "fresh_input_tokens" in mapping.columns:
        return TokenSplit(fresh="fresh_input_tokens_n", contradiction="false", notes=())
    if not {"cached_tokens", "cache_write_tokens"} & set(mapping.columns):
        return TokenSplit(fresh="input_tokens_n", contradiction="false", notes=())
    is_given = "input_tokens" in mapping.given_fields
    counting = CachedTokens.INCLUDED if is_given else mapping.format.cached_tokens
    if counting is CachedTokens.INCLUDED:
        return TokenSplit(fresh=f"input_tokens_n - ({_CACHED_SQL})", contradiction=_EXCEEDS_SQL, notes=())
    exceeding = fetch_int(con, f"SELECT count(*) FROM cells WHERE {_EXCEEDS_SQL}")
    return (
        _guess_split(mapping, exceeding) if counting is CachedTokens.GUESSED else _split_row_by_row(mapping, exceeding)
    )


def _guess_split(mapping: ColumnMapping, exceeding: int) -> TokenSplit:
    source = mapping.columns["input_tokens"]
    if exceeding or _is_anthropic(mapping):
        note = text(
            '"{column}" is assumed to exclude cached tokens. If that is wrong, map it to {field}.',
            column=source,
            field="input_tokens",
        )
        return TokenSplit(fresh="input_tokens_n", contradiction="false", notes=(note,))
    note = text(
        '"{column}" is assumed to include cached tokens. If that is wrong, map it to {field}.',
        column=source,
        field="fresh_input_tokens",
    )
    return TokenSplit(fresh=f"input_tokens_n - ({_CACHED_SQL})", contradiction="false", notes=(note,))


def _is_anthropic(mapping: ColumnMapping) -> bool:
    """Whether these are columns of Anthropic's usage object, whose input_tokens exclude cache_read_input_tokens."""
    ends = [
        normalize_name(mapping.columns.get(field, "")).rpartition(".")[2] for field in ("input_tokens", "cached_tokens")
    ]
    return ends == ["inputtokens", "cachereadinputtokens"]


def _split_row_by_row(mapping: ColumnMapping, exceeding: int) -> TokenSplit:
    fresh = f"""CASE
        WHEN NOT {_EXCEEDS_SQL} THEN input_tokens_n - ({_CACHED_SQL})
        WHEN input_tokens_n >= coalesce(cached_tokens_n, 0)
            THEN input_tokens_n - coalesce(cached_tokens_n, 0)
        ELSE input_tokens_n
    END"""
    note = plural_text(
        "{n:,} row has fewer input tokens than cached tokens; its input was read as excluding cache writes, or all "
        "cached tokens.",
        "{n:,} rows have fewer input tokens than cached tokens; their input was read as excluding cache writes, or all "
        "cached tokens.",
        n=exceeding,
    )
    return TokenSplit(
        fresh=fresh, contradiction="false", notes=(*mapping.format.notes, *((note,) if exceeding else ()))
    )
