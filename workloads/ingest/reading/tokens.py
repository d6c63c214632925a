"""Split each row's tokens into disjoint buckets, however its columns count them (docs/figures.md).

Whether input includes cached tokens, and output the reasoning, is decided for each row: by the row's own total where it
has one, else by rows of the same model, provider and kind that leave no doubt, else by the names of the columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.column_names import normalize_name
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.formats.base import CachedTokens
from workloads.ingest.mapping import ColumnMapping

_READ = "coalesce(cached_tokens_n, 0)"
_WRITE_PARTS = "coalesce(cache_write_5m_tokens_n, 0) + coalesce(cache_write_1h_tokens_n, 0)"
_WRITE = f"greatest(coalesce(cache_write_tokens_n, 0), {_WRITE_PARTS})"
_CACHED = f"({_READ} + {_WRITE})"
_TOOL_PROMPT = "coalesce(tool_prompt_tokens_n, 0)"
_OUTPUT = "coalesce(output_tokens_n, 0)"
_REASONING = "coalesce(reasoning_tokens_n, 0)"
_KINDS_OF_INPUT = "coalesce(audio_input_tokens_n, 0) + coalesce(image_input_tokens_n, 0)"
_KINDS_OF_OUTPUT = "coalesce(audio_output_tokens_n, 0)"
_GROUP = "(coalesce(model, ''), coalesce(provider, ''), coalesce(kind, ''), coalesce(cached_column, ''))"
_EXCEEDS = f"input_tokens_n < {_CACHED}"
MIN_EXCLUDING = 2
"""Rows with more cached tokens than input that tell that the input of all rows excludes them."""
ROWS_OF_ONE = 10
"""Rows among which one is enough."""

_ANTHROPIC_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "inputtokens": (
            *("cachereadinputtokens", "cachecreationinputtokens"),
            *("ephemeral5minputtokens", "ephemeral1hinputtokens"),
        ),
        "inputtokencount": ("cachereadinputtokencount", "cachewriteinputtokencount"),
    }
)
"""Endings of the columns of cached tokens, by the name of the input tokens that exclude them."""

_INSIDE_OUTPUT = (
    *("detailsreasoningtokens", "reasoningoutputtokens", "tokensreasoning", "reasoningtokens", "detailsreasoning"),
    *("outputtokensreasoning", "tokendetailsreasoning"),
)
"""Endings of the names of columns whose reasoning tokens are counted in the output as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSplit:
    """An SQL condition over the view `split` for contradictory rows, and notes for the reader."""

    contradiction: str
    notes: tuple[Text, ...]


def split_tokens(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> TokenSplit:
    """Create the view `split`: `cells` with `fresh_input`, `cache_read`, `cache_write` and `output`, as numbers."""
    counting = _get_counting(mapping)
    excludes = _build_excludes_sql(con, mapping, counting)
    kinds_of_input = _KINDS_OF_INPUT if _has_kinds_beside(mapping) else "0"
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW split AS
        WITH with_cache AS (
            SELECT *, {_READ} AS cache_read, {_WRITE} AS cache_write, {excludes} AS excludes_cached FROM cells),
        with_input AS (
            SELECT *, {_build_fresh_sql(counting)} + {_TOOL_PROMPT} + {kinds_of_input} AS fresh_input,
                fresh_input + cache_read + cache_write AS all_input
            FROM with_cache),
        with_reasoning AS (
            SELECT *, {_build_plain_output_sql(mapping)}
                + CASE WHEN {_build_beside_sql(mapping)} THEN {_REASONING} ELSE 0 END AS output_and_reasoning
            FROM with_input)
        SELECT *, {_build_output_sql(mapping)} AS output FROM with_reasoning"""
    )
    strict = counting is CachedTokens.INCLUDED and "fresh_input_tokens" not in mapping.columns
    return TokenSplit(contradiction=_EXCEEDS if strict else "false", notes=tuple(_list_notes(con, mapping, counting)))


def _get_counting(mapping: ColumnMapping) -> CachedTokens:
    is_given = "input_tokens" in mapping.given_fields
    return CachedTokens.INCLUDED if is_given else mapping.format.cached_tokens


def _build_excludes_sql(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, counting: CachedTokens) -> str:
    """Return SQL for whether the row's input excludes cached tokens."""
    if "input_tokens" not in mapping.columns or not _has_cached(mapping) or counting is CachedTokens.INCLUDED:
        return "false"
    total, outputs = "total_tokens_n", (_OUTPUT, f"{_OUTPUT} + {_REASONING}")
    including = ", ".join(f"input_tokens_n + {_TOOL_PROMPT} + {output}" for output in outputs)
    excluding = ", ".join(f"input_tokens_n + {_CACHED} + {_TOOL_PROMPT} + {output}" for output in outputs)
    known = mapping.format.excludes_cached_when
    return f"""CASE
        {f"WHEN {known} THEN true" if known else ""}
        WHEN {_EXCEEDS} THEN true
        WHEN {total} IN ({including}) THEN false
        WHEN {total} IN ({excluding}) THEN true
        ELSE {_build_guess_sql(con, mapping) if counting is CachedTokens.GUESSED else "false"} END"""


def _build_guess_sql(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> str:
    """Return SQL that goes by other rows of the same model, provider and kind, and else by the columns' names.

    One row in many that has more cached tokens than input is a damaged one, and says nothing of the others.
    """
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE excluding AS SELECT {_GROUP} AS named FROM cells WHERE {_CACHED} > 0
        GROUP BY ALL HAVING count(*) FILTER ({_EXCEEDS}) >= least({MIN_EXCLUDING}, ceil(count(*) / {ROWS_OF_ONE}))"""
    )
    return f"({_GROUP} IN (SELECT named FROM excluding) OR {_build_named_sql(mapping)})"


def _build_fresh_sql(counting: CachedTokens) -> str:
    partly = (
        f"WHEN {_EXCEEDS} AND input_tokens_n >= {_READ} AND {_READ} > 0 THEN input_tokens_n - {_READ}"
        if counting is CachedTokens.USUALLY_INCLUDED
        else ""
    )
    return f"""coalesce(fresh_input_tokens_n, CASE {partly}
        WHEN excludes_cached THEN input_tokens_n ELSE input_tokens_n - {_CACHED} END, 0)"""


def _build_beside_sql(mapping: ColumnMapping) -> str:
    """Return SQL for whether the row's reasoning tokens are not counted in its output."""
    if "reasoning_tokens" not in mapping.columns:
        return "false"
    is_given = "reasoning_tokens" in mapping.given_fields
    name = normalize_name(mapping.columns["reasoning_tokens"]).replace(".", "")
    inside = not is_given and name.endswith(_INSIDE_OUTPUT) and not name.endswith("outputreasoningtokens")
    output = _build_plain_output_sql(mapping)
    return f"""CASE
        WHEN total_tokens_n = all_input + {output} THEN false
        WHEN total_tokens_n = all_input + {output} + {_REASONING} THEN true
        WHEN {_REASONING} > {_OUTPUT} THEN true
        ELSE {"false" if inside else "true"} END"""


def _has_kinds_beside(mapping: ColumnMapping) -> bool:
    """Whether audio and images are counted beside the columns that are read; a sum of all input includes them."""
    return mapping.format.kinds_are_beside and "fresh_input_tokens" in mapping.columns


def _build_plain_output_sql(mapping: ColumnMapping) -> str:
    """Return SQL for the tokens of the response, without those of reasoning that are counted beside them."""
    return f"{_OUTPUT} + {_KINDS_OF_OUTPUT}" if _has_kinds_beside(mapping) else _OUTPUT


def _build_output_sql(mapping: ColumnMapping) -> str:
    """Return SQL for all tokens of the response. Gemini's total includes thoughts that may have no column."""
    if "total_tokens" not in mapping.columns or "model" not in mapping.columns:
        return "output_and_reasoning"
    return f"""CASE WHEN total_tokens_n > all_input + output_and_reasoning AND contains(lower(model), 'gemini')
            AND {_REASONING} = 0
        THEN total_tokens_n - all_input ELSE output_and_reasoning END"""


def _has_cached(mapping: ColumnMapping) -> bool:
    fields = {"cached_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"}
    return not fields.isdisjoint(mapping.columns)


def _build_named_sql(mapping: ColumnMapping) -> str:
    """Return SQL for a row whose counts come from columns of Anthropic's usage object."""
    fields = ("cached_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
    pairs = [
        f"(input_column = {quote_literal(tokens)} AND cached_column = {quote_literal(cached)})"
        for tokens in mapping.list_columns("input_tokens")
        for cached in dict.fromkeys(column for field in fields for column in mapping.list_columns(field))
        if _is_anthropic(tokens, cached)
    ]
    return f"({' OR '.join(pairs)})" if pairs else "false"


def _is_anthropic(tokens: str, cached: str) -> bool:
    """Whether these are columns of Anthropic's usage object, whose input_tokens exclude cache_read_input_tokens."""
    first, other = normalize_name(tokens), normalize_name(cached)
    last = first.rpartition(".")[2]
    return "genai" not in first and other.endswith(_ANTHROPIC_ENDINGS.get(last, ()))


def _list_notes(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, counting: CachedTokens) -> Iterator[Text]:
    """Yield how cached tokens were read, where that was not certain."""
    if "input_tokens" not in mapping.columns or not _has_cached(mapping) or counting is CachedTokens.INCLUDED:
        return
    yield from mapping.format.notes
    column = mapping.columns["input_tokens"]
    rows = fetch_int(con, f"SELECT count(*) FROM split WHERE {_CACHED} > 0")
    excluding = fetch_int(con, f"SELECT count(*) FROM split WHERE {_CACHED} > 0 AND excludes_cached")
    if 0 < excluding < rows:
        yield plural_text(
            '"{column}" excludes cached tokens in {part:,} of {n:,} row with any, and includes them in the others.',
            '"{column}" excludes cached tokens in {part:,} of {n:,} rows with any, and includes them in the others.',
            n=rows,
            part=excluding,
            column=column,
        )
    elif excluding:
        yield text(
            '"{column}" is assumed to exclude cached tokens. If that is wrong, map it to {field}.',
            column=column,
            field="input_tokens",
        )
    elif counting is CachedTokens.GUESSED:
        yield text(
            '"{column}" is assumed to include cached tokens. If that is wrong, map it to {field}.',
            column=column,
            field="fresh_input_tokens",
        )
